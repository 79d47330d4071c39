# ruff: noqa: RUF001 - the forms are in their own scripts
"""Legal forms of companies, as they are written after (or before) a name. A form's punctuation does not matter.

General knowledge of company law, one line per country or family; a later, larger list may replace it.
"""

AT_THE_END = (
    # English
    "Inc", "Incorporated", "Corp", "Corporation", "Co", "Company", "and Co", "and Company", "Ltd", "Limited", "Co Ltd",
    "LLC", "L.L.C.", "LC", "LLP", "L.L.P.", "LP", "L.P.", "LLLP", "PLC", "P.L.C.", "Public Limited Company", "PC",
    "P.C.", "PLLC", "Pty", "Pty Ltd", "Proprietary Limited", "Pvt", "Pvt Ltd", "Private Limited", "Pte", "Pte Ltd",
    "CIC", "Unlimited", "DAC", "CLG", "Teo", "ULC", "Bhd", "Berhad", "Sdn Bhd", "Sendirian Berhad", "Tbk", "FZE",
    "FZCO", "FZ LLC", "WLL", "W.L.L.", "PJSC", "QSC", "SAOG",
    # German
    "GmbH", "gGmbH", "mbH", "Gesellschaft mit beschränkter Haftung", "AG", "Aktiengesellschaft", "KG",
    "Kommanditgesellschaft", "GmbH & Co. KG", "GmbH & Co. KGaA", "AG & Co. KG", "SE & Co. KG", "SE & Co. KGaA", "KGaA",
    "OHG", "UG", "UG (haftungsbeschränkt)", "haftungsbeschränkt", "e.K.", "e.Kfm.", "e.V.", "eG", "GbR", "SE",
    "Ges.m.b.H.", "Sàrl",
    # French, Italian, Spanish, Portuguese, Romanian
    "SA", "S.A.", "SAS", "S.A.S.", "SASU", "SARL", "S.A.R.L.", "EURL", "SNC", "S.N.C.", "SCA", "SCS", "SCOP",
    "Société Anonyme", "SpA", "S.p.A.", "Srl", "S.r.l.", "S.r.l.s.", "Srls", "Sas di", "SL", "S.L.", "SLU", "S.L.U.",
    "SAU", "S.A.U.", "SLP", "S.L.P.", "S. de R.L.", "S. de R.L. de C.V.", "S.A. de C.V.", "SA de CV", "SAB de CV",
    "S.A.B. de C.V.", "SAPI de CV", "S.A.P.I. de C.V.", "SAC", "S.A.C.", "S.A.A.", "EIRL", "E.I.R.L.", "Ltda", "Lda",
    "S/A", "EIRELI", "Cia", "Sociedad Anónima", "Sociedad Limitada", "SGPS",
    # Dutch and Nordic
    "BV", "B.V.", "NV", "N.V.", "VOF", "V.O.F.", "CV", "C.V.", "BVBA", "CVBA", "VZW", "AB", "Aktiebolag", "AB (publ)",
    "HB", "KB", "AS", "A/S", "ASA", "ApS", "I/S", "K/S", "P/S", "IVS", "DA", "ANS", "Oy", "Oyj", "Oy Ab", "Abp", "Ky",
    "Osakeyhtiö", "hf", "ehf", "ohf",
    # Central and Eastern Europe, Turkey
    "sp. z o.o.", "spółka z o.o.", "spółka z ograniczoną odpowiedzialnością", "sp. z o.o. sp. k.", "sp. k.", "sp. j.",
    "S.K.A.", "s.r.o.", "spol. s r.o.", "a.s.", "v.o.s.", "k.s.", "Kft", "Kft.", "Zrt", "Nyrt", "Bt", "d.o.o.", "d.d.",
    "j.d.o.o.", "a.d.", "EOOD", "OOD", "EAD", "UAB", "SIA", "OÜ", "A.Ş.", "Anonim Şirketi", "Ltd. Şti.",
    "Limited Şirketi", "San. ve Tic. A.Ş.", "San. ve Tic. Ltd. Şti.", "OOO", "OAO", "ZAO", "PAO", "JSC", "OJSC", "CJSC",
    # Cyrillic, Greek, Hebrew, Arabic, Thai
    "ООО", "ОАО", "ЗАО", "ПАО", "АО", "ИП", "НАО", "ТОО", "ТОВ", "ПрАТ", "ПАТ", "ЕООД", "ООД", "АД", "ЕАД", "д.о.о.",
    "Α.Ε.", "ΑΕ", "Ε.Π.Ε.", "ΕΠΕ", "Ι.Κ.Ε.", "ΙΚΕ", "Ο.Ε.", "Ε.Ε.", "Μονοπρόσωπη", 'בע"מ', "בע״מ", "ש.מ.מ",
    "ش.م.م", "ذ.م.م", "ش.م.ع", "م.م.ح", "ش.ذ.م.م", "จำกัด", "จำกัด (มหาชน)", "(มหาชน)",
    # Chinese, Japanese, Korean with a space or bracket before them
    "株", "有", "合", "주", "유",
)  # fmt: skip
"""Forms that follow a name as words of their own."""

AT_THE_START = (
    "ООО", "ОАО", "ЗАО", "ПАО", "АО", "ИП", "НАО", "ТОО", "ТОВ", "ПрАТ", "ПАТ", "OOO", "OAO", "ZAO", "PAO", "บริษัท",
    "PT", "UAB", "SIA", "株", "有", "合", "주", "유", "شركة",
)  # fmt: skip
"""Forms that come before a name as words of their own."""

JOINED = (
    "株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "股份有限公司", "有限责任公司",
    "有限責任公司",
    "有限公司", "주식회사", "유한회사", "บริษัท", "จำกัด",
)  # fmt: skip
"""Forms in scripts that write no space, found at either end of a name."""
