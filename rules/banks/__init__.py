"""Banks: what was judged before is known again, exactly or nearly."""

from rules.banks.bank import Bank, is_bank, load_bank, read_settings
from rules.banks.bank_set import BankSet, LookUp
from rules.banks.change import Change
from rules.banks.errors import BankError
from rules.banks.exchange import export_entries, import_entries
from rules.banks.match import BankMatch, BankQuery, Part, PictureHash, TextHash
from rules.banks.near_text import text_fingerprint, text_hash, text_sha256
from rules.banks.pdq import MIN_QUALITY, dihedral_hashes, picture_hash
from rules.banks.recent_texts import RecentTexts
from rules.banks.rows import parse_row
from rules.banks.settings import BankKind, BankSettings
from rules.banks.stats import BankStats, folder_stats
from rules.banks.text_keys import text_keys
from rules.banks.writing import append, compact, create_bank

__all__ = [
    "MIN_QUALITY",
    "Bank",
    "BankError",
    "BankKind",
    "BankMatch",
    "BankQuery",
    "BankSet",
    "BankSettings",
    "BankStats",
    "Change",
    "LookUp",
    "Part",
    "PictureHash",
    "RecentTexts",
    "TextHash",
    "append",
    "compact",
    "create_bank",
    "dihedral_hashes",
    "export_entries",
    "folder_stats",
    "import_entries",
    "is_bank",
    "load_bank",
    "parse_row",
    "picture_hash",
    "read_settings",
    "text_fingerprint",
    "text_hash",
    "text_keys",
    "text_sha256",
]
