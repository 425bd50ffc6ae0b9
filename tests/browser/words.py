"""The portal's words in a language, as its catalogues have them, for tests that look for them on pages."""

from pathlib import Path
from typing import Final

from babel.support import NullTranslations, Translations

from portal.languages import BY_TAG, Language

FOLDER: Final = Path(__file__).parents[2] / "translations"


class Words:
    """Says English message ids in one language."""

    def __init__(self, tag: str) -> None:
        self.language: Language = BY_TAG[tag]
        self._catalogue: NullTranslations = (
            NullTranslations() if tag == "en" else Translations.load(FOLDER, [tag])
        )

    def plural(self, one: str, many: str, num: int) -> str:
        """The words for so many, by the language's own plural rule."""
        return str(self._catalogue.ngettext(one, many, num)) % {"num": num}

    def __call__(self, message: str, context: str | None = None, **values: object) -> str:
        """The words for a message id; `values` fill its named places."""
        find = self._catalogue
        text = str(find.gettext(message) if context is None else find.pgettext(context, message))
        return text % values if values else text
