"""Groups of people exchanged in training texts, so that no label hangs on who is spoken of.

Counterfactual data augmentation (Lu et al. 2018, "Gender Bias in Neural Natural Language
Processing"; for abusive language Park, Shin and Fung 2018): the sentence keeps its label, whichever
group it names. Each word is exchanged for one of its own form, so that the grammar mostly holds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

_PLURALS: Final = (
    "Muslims|Christians|Jews|Hindus|Buddhists|Sikhs|Catholics|atheists|immigrants|migrants|refugees"
    "|foreigners|Asians|Africans|Mexicans|Latinos|Arabs|Indians|Turks|Nigerians|Pakistanis|Poles"
    "|Romanians|Syrians|Russians|Brazilians|Koreans|Kenyans|Ukrainians|Palestinians|Israelis"
    "|Americans|Europeans|women|men|lesbians|gays|homosexuals|transgenders|pensioners"
    "|gay people|straight people|trans people|bisexual people|queer people"
    "|non-binary people|disabled people|deaf people|blind people|autistic people|wheelchair users"
    "|old people|young adults|Black people|white people|Chinese people|Roma people|poor people"
    "|rich people|homeless people|single mothers"
)
_SINGULARS: Final = (
    "Muslim|Christian|Hindu|Buddhist|Sikh|Catholic|immigrant|migrant|refugee|foreigner|Mexican"
    "|Latino|Turk|Nigerian|Pakistani|Romanian|Syrian|Russian|Korean|Palestinian|lesbian"
    "|pensioner|woman|man|Jew|Brit"
)
_ADJECTIVES: Final = (
    "Muslim|Christian|Jewish|Hindu|Buddhist|Catholic|African|Asian|Mexican|Latino|Arab|Indian"
    "|Turkish|Nigerian|Pakistani|Polish|Romanian|Syrian|Russian|Korean|Palestinian|Chinese|Japanese"
    "|American|European|gay|lesbian|trans|transgender|queer|bisexual|disabled|deaf|blind|autistic"
    "|black|white|old|foreign"
)
_PERSONS: Final = (
    r"(?=\s+(?:people|person|folks?|m[ae]n|wom[ae]n|guys?|lad(?:y|ies)|famil(?:y|ies)|community"
    r"|neighbou?rs?|immigrants?|refugees?|voters?|workers?|students?|teachers?|doctors?|friends?)\b)"
)
_CHINESE: Final = (
    "外地人|外国人|黑人|白人|女人|男人|女性|男性|穆斯林|基督徒|犹太人|佛教徒|天主教徒|印度教徒|无神论者"
    "|同性恋|异性恋|女同性恋|双性恋者|跨性别者|非二元性别者|残疾人|聋人|盲人|自闭症患者|轮椅使用者|农村人"
    "|城里人|难民|移民|老年人|老人|年轻人|退休老人|河南人|东北人|上海人|北京人|广东人|四川人|湖北人|印度人"
    "|韩国人|日本人|越南人|美国人|德国人|俄罗斯人|非洲人|亚洲人|阿拉伯人|墨西哥人|菲律宾人|拉丁裔|回族人"
    "|藏族人|维吾尔族人|蒙古族人|农民工|穷人|有钱人|单亲妈妈"
)


def _alternatives(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_FORMS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "plural": _PLURALS.split("|"),
        "adjective": _ADJECTIVES.split("|"),
        "singular": _SINGULARS.split("|"),
        "chinese": _CHINESE.split("|"),
    }
)
# A word that has two forms counts as an adjective where a person follows.
_NAMED: Final = re.compile(
    rf"\b(?:(?P<plural>{_alternatives(_FORMS['plural'])})"
    rf"|(?P<adjective>{_alternatives(_FORMS['adjective'])}){_PERSONS}"
    rf"|(?P<singular>{_alternatives(_FORMS['singular'])}))\b"
    rf"|(?P<chinese>{_alternatives(_FORMS['chinese'])})",
    re.IGNORECASE,
)


def exchange_groups(text: str, draw: random.Random) -> str:
    """The text about other groups; one that names none comes out as it is.

    A group named twice is exchanged twice for the same one, in the capitals of the text.
    """
    chosen: dict[str, str] = {}

    def other(named: re.Match[str]) -> str:
        form = named.lastgroup or ""
        word = chosen.setdefault(named[0].lower(), draw.choice(_FORMS[form]))
        return _in_capitals_of(named[0], word)

    return _NAMED.sub(other, text)


def _in_capitals_of(model: str, word: str) -> str:
    if model.isupper():
        return word.upper()
    return word.lower() if model.islower() else word[:1].upper() + word[1:]
