"""How form fields are drawn: official GOV.UK components with a field's words. Must not judge what was typed.

Labels become the page's heading (`heading=True`) where a page asks one thing. Error texts stand in the
field's own message and, by `PortalForm.errors_for_summary`, in the summary.
"""

from typing import Any, Final, cast

from flask import current_app
from markupsafe import Markup

from portal.web.component_shapes import Filler, filler, hole
from portal.web.locale import language
from portal.web.words import lazy_ngettext, lazy_pgettext
from portal.web.written import put

Params = dict[str, Any]
_KEPT: Final = "porth-fields"
_MOST_KEPT: Final = 4096  # forms, languages and which boxes are ticked; the oldest goes first
_application = current_app._get_current_object  # type: ignore[attr-defined]

_DAY = lazy_pgettext("part of a date", "Day")
_MONTH = lazy_pgettext("part of a date", "Month")
_YEAR = lazy_pgettext("part of a date", "Year")


def drawn(field: Any) -> Markup:
    """The field as its widget draws it. What its form's class says of it is drawn once a language.

    What a person typed is put into the finished field; choices of a view, and mistakes, are drawn each time.
    """
    state = field.fixed_state()
    if state is None or field.errors:
        return cast(Markup, field.widget(field))
    typed = field.typed_texts()
    app = _application()
    kept: dict[object, Filler] = app.extensions.setdefault(_KEPT, {})
    key = (language().tag, state, *[part for part in typed if typed[part]])
    fill = kept.get(key)
    if fill is None:
        holes = {part: hole(number) if text else "" for number, (part, text) in enumerate(typed.items())}
        fill = filler(field.widget(field, typed=holes))
        while len(kept) >= _MOST_KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = fill
    return fill([put(text) for text in typed.values()])


def draw_text(field: Any, *, typed: Params | None = None, **extra: Any) -> Markup:
    """One line of text. Numbers and codes run left to right in every language."""
    params: Params = _named(field) | (typed or field.typed_texts())
    params |= {"label": _label(field), "type": field.kind}
    for key in ("autocomplete", "inputmode", "classes"):
        if getattr(field, key):
            params[key] = getattr(field, key)
    if field.spellcheck is not None:
        params["spellcheck"] = field.spellcheck
    if field.digits or field.kind in ("tel", "email"):
        params["attributes"] = {"dir": "ltr"}
    return _component("input", field, params, extra)


def draw_text_area(field: Any, *, typed: Params | None = None, **extra: Any) -> Markup:
    """Several lines of text, with the limit said in words: it is known without scripts."""
    limit = lazy_ngettext(
        "You can write up to %(num)d letter or sign.",
        "You can write up to %(num)d letters and signs.",
        field.max_length,
    )
    hint = f"{field.hint} {limit}" if field.hint else limit
    params: Params = _named(field) | (typed or field.typed_texts())
    params |= {"label": _label(field), "rows": str(field.rows), "hint": {"text": hint}}
    return _component("textarea", field, params, extra)


def draw_radios(field: Any, *, typed: Params | None = None, **extra: Any) -> Markup:
    """One answer out of several. The first radio has the field's own id, where the error summary leads."""
    params: Params = {"idPrefix": field.id, "name": field.name, "fieldset": _fieldset(field)}
    params["items"] = [_item(choice, checked=choice.value == field.data) for choice in field.offered()]
    if field.inline:
        params["classes"] = "govuk-radios--inline"
    return _component("radios", field, params, extra)


def draw_checkboxes(field: Any, *, typed: Params | None = None, **extra: Any) -> Markup:
    """Any number of answers."""
    params: Params = {"idPrefix": field.id, "name": field.name, "fieldset": _fieldset(field)}
    params["items"] = [_item(choice, checked=choice.value in field.data) for choice in field.offered()]
    return _component("checkboxes", field, params, extra)


def draw_select(field: Any, **extra: Any) -> Markup:
    """One answer out of a long list."""
    params: Params = _named(field) | {"label": _label(field)}
    params["items"] = [
        {"value": each.value, "text": each.text, "selected": each.value == field.data}
        | ({"attributes": {"lang": each.lang}} if _is_foreign(each) else {})
        for each in field.offered()
    ]
    return _component("select", field, params, extra)


def draw_date(field: Any, *, typed: Params | None = None, **extra: Any) -> Markup:
    """Day, month and year, in this order. Only the wrong parts are marked."""
    items = []
    typed = typed or field.typed_texts()
    for part, words, width in (("day", _DAY, 2), ("month", _MONTH, 2), ("year", _YEAR, 4)):
        wrong = " govuk-input--error" if part in field.wrong_parts else ""
        item: Params = {"name": part, "label": words, "classes": f"govuk-input--width-{width}{wrong}"}
        if typed[part]:
            item["value"] = typed[part]
        items.append(item)
    params: Params = {"id": field.id, "namePrefix": field.name, "fieldset": _fieldset(field), "items": items}
    params["fieldset"]["role"] = "group"
    return _component("date-input", field, params, extra)


def draw_button(field: Any, *, typed: Params | None = None, **extra: Any) -> Markup:
    """A button that sends the form. `variant` is empty, 'secondary' or 'warning'."""
    params: Params = {"text": field.label.text, "preventDoubleClick": True}
    if field.variant:
        params["classes"] = f"govuk-button--{field.variant}"
    if field.named:
        params |= {"name": field.name, "value": "yes"}
    return draw("button", params | extra)


def draw_hidden(field: Any, *, typed: Params | None = None, **extra: Any) -> Markup:
    """A value that travels with the form and is never shown."""
    value = (typed or field.typed_texts())["value"]
    return Markup('<input type="hidden" name="{}" value="{}">').format(field.name, value)


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


def _is_foreign(choice: Any) -> bool:
    """Whether an answer is in another language than the page says of itself."""
    return bool(choice.lang) and choice.lang != language().lang


def _item(choice: Any, *, checked: bool) -> Params:
    if choice.divider:
        return {"divider": choice.text}
    item: Params = {"value": choice.value, "checked": checked} | _words(choice.text)
    if choice.hint:
        item["hint"] = _words(choice.hint)
    if choice.alone:
        item["behaviour"] = "exclusive"
    if _is_foreign(choice):
        item |= {"label": {"attributes": {"lang": choice.lang}}, "attributes": {"lang": choice.lang}}
    return item
