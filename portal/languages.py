"""The languages of the portal.

Tag, own name, direction, plural rule, complete or not. Standard library only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`plural` is the gettext header with the CLDR categories (Babel's own defaults are wrong for
    several)."""

    tag: str  # BCP 47, as it stands in URLs and in `lang`
    own_name: str
    direction: str  # ltr or rtl
    plural: str
    complete: bool  # offered to people only when every string is translated
    html_lang: str = ""  # `lang` of the page where it differs from the tag

    @property
    def lang(self) -> str:
        return self.html_lang or self.tag


ENGLISH = Language(
    tag="en",
    own_name="English",
    direction="ltr",
    plural="nplurals=2; plural=(n != 1);",
    complete=True,
    html_lang="en-GB",
)
WELSH = Language(
    tag="cy",
    own_name="Cymraeg",
    direction="ltr",
    plural="nplurals=6; plural=(n==0) ? 0 : (n==1) ? 1 : (n==2) ? 2 : (n==3) ? 3 : (n==6) ? 4 : 5;",
    complete=True,
)
URDU = Language(
    tag="ur", own_name="اردو", direction="rtl", plural="nplurals=2; plural=(n != 1);", complete=True
)

LANGUAGES: tuple[Language, ...] = (ENGLISH, WELSH, URDU)
BY_TAG = {language.tag: language for language in LANGUAGES}
OFFERED: tuple[Language, ...] = tuple(language for language in LANGUAGES if language.complete)
PSEUDO = Language(
    tag="eo", own_name="⟦Pseudo⟧", direction="ltr", plural=ENGLISH.plural, complete=False
)  # tests only

# What browsers ask for, where it is not the tag itself (research: pnb and pa-PK readers use the Urdu script).
ALIASES = {"pnb": "ur", "pa-pk": "ur", "en-gb": "en", "en-us": "en", "cy-gb": "cy", "ur-pk": "ur"}


def find(tag: str) -> Language | None:
    """The language of a tag or alias, offered or not; None when it is not known."""
    lowered = tag.lower()
    return BY_TAG.get(ALIASES.get(lowered, lowered)) or BY_TAG.get(lowered.split("-")[0])
