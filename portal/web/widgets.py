"""How form fields are drawn: official GOV.UK components with a field's words. Must not judge what was typed.

Labels become the page's heading (`heading=True`) where a page asks one thing. Error texts stand in the
field's own message and, by `PortalForm.errors_for_summary`, in the summary.
"""

from typing import Any

from flask import current_app
from markupsafe import Markup

from portal.web.words import lazy_ngettext, lazy_pgettext

Params = dict[str, Any]

_DAY = lazy_pgettext("part of a date", "Day")
_MONTH = lazy_pgettext("part of a date", "Month")
_YEAR = lazy_pgettext("part of a date", "Year")


def draw_text(field: Any, **extra: Any) -> Markup:
    """One line of text. Numbers and codes run left to right in every language."""
    params: Params = _named(field) | {"label": _label(field), "value": field.shown(), "type": field.kind}
    for key in ("autocomplete", "inputmode", "classes"):
        if getattr(field, key):
            params[key] = getattr(field, key)
    if field.spellcheck is not None:
        params["spellcheck"] = field.spellcheck
    if field.digits or field.kind in ("tel", "email"):
        params["attributes"] = {"dir": "ltr"}
    return _component("input", field, params, extra)


def draw_text_area(field: Any, **extra: Any) -> Markup:
    """Several lines of text, with the limit said in words: it is known without scripts."""
    limit = lazy_ngettext(
        "You can write up to %(num)d letter or sign.",
        "You can write up to %(num)d letters and signs.",
        field.max_length,
    )
    hint = f"{field.hint} {limit}" if field.hint else limit
    params: Params = _named(field) | {
        "label": _label(field),
        "value": field.shown(),
        "rows": str(field.rows),
        "hint": {"text": hint},
    }
    return _component("textarea", field, params, extra)


def draw_radios(field: Any, **extra: Any) -> Markup:
    """One answer out of several. The first radio has the field's own id, where the error summary leads."""
    params: Params = {"idPrefix": field.id, "name": field.name, "fieldset": _fieldset(field)}
    params["items"] = [_item(choice, checked=choice.value == field.data) for choice in field.offered()]
    if field.inline:
        params["classes"] = "govuk-radios--inline"
    return _component("radios", field, params, extra)


def draw_checkboxes(field: Any, **extra: Any) -> Markup:
    """Any number of answers."""
    params: Params = {"idPrefix": field.id, "name": field.name, "fieldset": _fieldset(field)}
    params["items"] = [_item(choice, checked=choice.value in field.data) for choice in field.offered()]
    return _component("checkboxes", field, params, extra)


def draw_select(field: Any, **extra: Any) -> Markup:
    """One answer out of a long list."""
    params: Params = _named(field) | {"label": _label(field)}
    params["items"] = [
        {"value": each.value, "text": each.text, "selected": each.value == field.data}
        | ({"attributes": {"lang": each.lang}} if each.lang else {})
        for each in field.offered()
    ]
    return _component("select", field, params, extra)


def draw_date(field: Any, **extra: Any) -> Markup:
    """Day, month and year, in this order. Only the wrong parts are marked."""
    items = []
    for part, words, width in (("day", _DAY, 2), ("month", _MONTH, 2), ("year", _YEAR, 4)):
        wrong = " govuk-input--error" if part in field.wrong_parts else ""
        item: Params = {"name": part, "label": words, "classes": f"govuk-input--width-{width}{wrong}"}
        if field.typed[part]:
            item["value"] = field.typed[part]
        items.append(item)
    params: Params = {"id": field.id, "namePrefix": field.name, "fieldset": _fieldset(field), "items": items}
    params["fieldset"]["role"] = "group"
    return _component("date-input", field, params, extra)


def draw_button(field: Any, **extra: Any) -> Markup:
    """A button that sends the form. `variant` is empty, 'secondary' or 'warning'."""
    params: Params = {"text": field.label.text, "preventDoubleClick": True}
    if field.variant:
        params["classes"] = f"govuk-button--{field.variant}"
    if field.named:
        params |= {"name": field.name, "value": "yes"}
    return draw("button", params | extra)


def draw_hidden(field: Any, **extra: Any) -> Markup:
    """A value that travels with the form and is never shown."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(field.name, field.shown())


def draw(component: str, params: Params) -> Markup:
    """One of our components, by the same door as templates."""
    drawn: Markup = current_app.jinja_env.globals["component"](component, **params)  # type: ignore[operator]
    return drawn


def _component(component: str, field: Any, params: Params, extra: Params) -> Markup:
    if field.hint and "hint" not in params:
        params["hint"] = _words(field.hint)
    if field.errors:
        params["errorMessage"] = {"text": field.errors[0]}
    return draw(component, params | extra)


def _named(field: Any) -> Params:
    return {"id": field.id, "name": field.name}


def _words(value: Any) -> Params:
    """Markup is a page's own HTML; anything else is text."""
    return {"html": value} if hasattr(value, "__html__") else {"text": value}


def _label(field: Any) -> Params:
    words = _words(field.label.text)
    if field.heading:
        return words | {"classes": "govuk-label--l", "isPageHeading": True}
    return words


def _fieldset(field: Any) -> Params:
    legend = _words(field.label.text)
    if field.heading:
        legend |= {"classes": "govuk-fieldset__legend--l", "isPageHeading": True}
    return {"legend": legend}


def _item(choice: Any, *, checked: bool) -> Params:
    if choice.divider:
        return {"divider": choice.text}
    item: Params = {"value": choice.value, "checked": checked} | _words(choice.text)
    if choice.hint:
        item["hint"] = _words(choice.hint)
    if choice.alone:
        item["behaviour"] = "exclusive"
    if choice.lang:
        item |= {"label": {"attributes": {"lang": choice.lang}}, "attributes": {"lang": choice.lang}}
    return item
