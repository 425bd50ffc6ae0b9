"""The name of any language in the language of the page (CLDR through Babel). Must not lose a tag it has no
name for.
"""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from portal.languages import ENGLISH, PSEUDO
from portal.web.locale import language


def language_name(tag: str) -> str:
    """`pl` as `Polish`, `nl-BE` as `Dutch (Belgium)`; in English where CLDR has no word of the page's
    language, and as the tag itself where it has none at all.
    """
    return _name(tag, language().tag)


@lru_cache(maxsize=1024)
def _name(tag: str, page: str) -> str:
    for spoken in (page, ENGLISH.tag):
        words = Locale.parse(spoken, sep="-")
        found = _whole(tag, words) or words.languages.get(tag.split("-")[0].lower())
        if found:
            return f"⟦{found}⟧" if page == PSEUDO.tag else str(found)
    return tag


def _whole(tag: str, words: Locale) -> str | None:
    """The name with its country or script, of a tag that is a locale of CLDR's."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(words)
    except (ValueError, TypeError, UnknownLocaleError):
        return None
