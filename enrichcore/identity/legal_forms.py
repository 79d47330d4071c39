# ruff: noqa: RUF001 - the forms are in their own scripts
"""Legal forms of companies, as they are written after (or before) a name. A form's punctuation does not matter.

General knowledge of company law, one line per country or family; a later, larger list may replace it.
"""

AT_THE_END = (
    # English
    "Inc", "Incorporated", "Corp", "Corporation", "Co", "Company", "and Co", "and Company", "Ltd", "Limited",
    "Co Ltd",
    "LLC", "L.L.C.", "LC", "LLP", "L.L.P.", "LP", "L.P.", "LLLP", "PLC", "P.L.C.", "Public Limited Company", "PC",
    "P.C.", "PLLC", "Pty", "Pty Ltd", "Proprietary Limited", "Pvt", "Pvt Ltd", "Private Limited", "Pte", "Pte Ltd",
    "CIC", "N.A.", "Unlimited", "DAC", "CLG", "Teo", "ULC", "Bhd", "Berhad", "Sdn Bhd", "Sendirian Berhad", "Tbk",
    "FZE",
    "FZCO", "FZ LLC", "FZC", "WLL", "W.L.L.", "PJSC", "QSC", "SAOG", "SAOC", "QPSC", "KSC", "KSCC", "BSC (c)",
    "Limited Liability Company", "Limited Liability Partnership", "Limited Partnership", "Company Limited",
    "Joint Stock Company", "Public Joint Stock Company", "Closed Joint Stock Company", "Open Joint Stock Company",
    "Unlimited Company", "Designated Activity Company", "OPC Pvt Ltd", "(Pty) Ltd", "(Private) Limited", "(Pvt) Ltd",
    # German
    "GmbH", "gGmbH", "mbH", "Gesellschaft mit beschränkter Haftung", "AG", "Aktiengesellschaft", "KG",
    "Kommanditgesellschaft", "GmbH & Co. KG", "GmbH & Co. KGaA", "AG & Co. KG", "SE & Co. KG", "SE & Co. KGaA",
    "KGaA",
    "OHG", "UG", "UG (haftungsbeschränkt)", "haftungsbeschränkt", "e.K.", "e.Kfm.", "e.V.", "eG", "GbR", "SE",
    "Ges.m.b.H.", "Sàrl", "eGmbH", "gUG (haftungsbeschränkt)", "eGen", "e.G.", "e.U.", "OG", "GesbR", "UG & Co. KG",
    "PartG mbB", "PartGmbB", "KdöR", "AöR", "Aktiengesellschaft & Co. KG", "Stiftung & Co. KG",
    # French, Italian, Spanish, Portuguese, Romanian
    "SA", "S.A.", "SAS", "S.A.S.", "SASU", "SARL", "S.A.R.L.", "EURL", "SNC", "S.N.C.", "SCA", "SCS", "SCOP",
    "Société Anonyme", "SpA", "S.p.A.", "Srl", "S.r.l.", "S.r.l.s.", "Srls", "Sas di", "SL", "S.L.", "SLU", "S.L.U.",
    "SAU", "S.A.U.", "SLP", "S.L.P.", "S. de R.L.", "S. de R.L. de C.V.", "S.A. de C.V.", "SA de CV", "SAB de CV",
    "S.A.B. de C.V.", "SAPI de CV", "S.A.P.I. de C.V.", "SAC", "S.A.C.", "S.A.A.", "EIRL", "E.I.R.L.", "Ltda", "Lda",
    "S. Coop.", "S. Coop. And.", "Sociedad Cooperativa", "SCCL", "S.C.C.L.", "S.L.L.", "S.A.L.", "SCP",
    "Unipessoal Lda",
    "Lda. Unipessoal", "Sociedade Anônima", "Limitada", "Soc. Coop.", "Società Cooperativa", "S.c.a.r.l.", "Scarl",
    "S.C.R.L.",
    "SCRL", "S.p.r.l.", "SPRL", "S.a.p.a.", "Società per Azioni", "Società a responsabilità limitata",
    "S.r.l. unipersonale",
    "Société à responsabilité limitée", "Société par actions simplifiée", "Sociedad de Responsabilidad Limitada",
    "Sociedad por Acciones", "S. de R.L. MI", "S.C.S.", "S.C.A.", "C.A.", "S.A.P.I.", "S.A.I.C.", "S.A.C.I.",
    "SCA SICAV",
    "S/A", "EIRELI", "Cia", "Sociedad Anónima", "Sociedad Limitada", "SGPS", "S.A.S.U.", "E.U.R.L.", "SELARL", "SUARL",
    "S.U.A.R.L.", "SARLAU", "SARL AU", "S.A.E.", "SAE", "SAL", "SpA unipersonale", "S.A.R.L. unipersonnelle", "SASP",
    "Ltda ME", "Ltda EPP", "Ltda MEI", "EIRELI ME", "EIRELI EPP", "S.A.T.", "S.R.L.C.V.", "SRL de CV", "S.R.L. de C.V.",
    "Unipessoal", "S.C.", "y Compañía", "y Cía", "e Companhia", "e Cia", "& Cia Ltda", "et Compagnie", "et Cie", "Cie",
    "und Co", "e C.", "& C.", "y Cía Ltda", "Soc. Unipessoal Lda", "SCIC", "GIE", "S.S.", "SAICF", "S.A.I.C.F.",
    "Soc. Coop. a r.l.", "Soc. a r.l.", "a r.l.", "CxA", "C. por A.",
    # Dutch and Nordic
    "BV", "B.V.", "NV", "N.V.", "VOF", "V.O.F.", "CV", "C.V.", "BVBA", "CVBA", "VZW", "AB", "Aktiebolag", "AB (publ)",
    "HB", "KB", "AS", "A/S", "ASA", "ApS", "I/S", "K/S", "P/S", "IVS", "DA", "ANS", "Oy", "Oyj", "Oy Ab", "Abp", "Ky",
    "B.V.B.A.", "Coöperatie U.A.", "Besloten Vennootschap", "Naamloze Vennootschap", "A.m.b.a.", "AMBA", "F.m.b.a.",
    "Smba",
    "Aktieselskab", "Anpartsselskab", "ENK", "NUF", "ek. för.", "Ekonomisk förening", "Osk", "Julkinen osakeyhtiö",
    "slhf",
    "Osakeyhtiö", "hf", "ehf", "ohf",
    # Central and Eastern Europe, Turkey
    "sp. z o.o.", "spółka z o.o.", "spółka z ograniczoną odpowiedzialnością", "sp. z o.o. sp. k.", "sp. k.", "sp. j.",
    "S.K.A.", "s.r.o.", "spol. s r.o.", "a.s.", "v.o.s.", "k.s.", "Kft", "Kft.", "Zrt", "Nyrt", "Bt", "d.o.o.",
    "d.d.",
    "j.d.o.o.", "a.d.", "EOOD", "OOD", "EAD", "UAB", "SIA", "OÜ", "A.Ş.", "Anonim Şirketi", "Ltd. Şti.",
    "Limited Şirketi", "San. ve Tic. A.Ş.", "San. ve Tic. Ltd. Şti.", "OOO", "OAO", "ZAO", "PAO", "JSC", "OJSC",
    "CJSC", "PJSC",
    "P.S.A.", "S.A. w likwidacji", "sp. p.", "Spółka Akcyjna", "Spółka jawna", "Spółka komandytowa",
    "akciová společnost",
    "společnost s ručením omezeným", "spoločnosť s ručením obmedzeným", "Korlátolt Felelősségű Társaság",
    "Részvénytársaság",
    "Zártkörűen Működő Részvénytársaság", "Rt", "Nonprofit Kft.", "d.n.o.", "k.d.", "s.p.", "j.t.d.", "AD", "DOO",
    "ДОО",
    "Ltd. Şti", "Tic. Ltd. Şti.", "Tic. A.Ş.", "Sanayi A.Ş.", "San. Tic. Ltd. Şti.", "San. Tic. A.Ş.",
    "Sanayi ve Ticaret Anonim Şirketi", "Sanayi Anonim Şirketi",
    "Sanayi ve Ticaret Limited Şirketi", "Ticaret Anonim Şirketi", "Ticaret Limited Şirketi",
    "Sanayi ve Ticaret A.Ş.", "Sanayi ve Ticaret Ltd. Şti.",
    "KK", "K.K.", "Kabushiki Kaisha", "Kabushiki Gaisha", "Godo Kaisha", "G.K.", "Yugen Kaisha", "Y.K.",
    "Co., Ltd. (KK)",
    "TNHH", "Joint Stock Co", "JSCo", "GK", "P.J.S.C.", "O.J.S.C.", "C.J.S.C.", "J.S.C.", "DMCC", "FZ-LLC", "sp. zo.o.",
    "S.A. w upadłości", "Sp. z o.o. w likwidacji", "GesmbH", "G.m.b.H.",
    # Cyrillic, Greek, Hebrew, Arabic, Thai
    "ООО", "ОАО", "ЗАО", "ПАО", "АО", "ИП", "НАО", "ТОО", "ТОВ", "ПрАТ", "ПАТ", "ЕООД", "ООД", "АД", "ЕАД", "д.о.о.",
    "ТзОВ", "ФОП", "ЧАО", "ОДО", "СООО", "УП", "ЧП", "ЗАТ", "ВАТ", "ТДВ", "ООО «ТД»", "АО «НК»", "ЖШС", "ЕТ", "Ι.Κ.Ε",
    "ΑΕΒΕ", "Α.Ε.Β.Ε.", "ΑΒΕΕ", "Α.Β.Ε.Ε.", "Μ.Ι.Κ.Ε.", "ΜΙΚΕ", "Μονοπρόσωπη ΙΚΕ", "Μονοπρόσωπη ΑΕ", "Α.Ε.Ε.",
    "Ανώνυμη Εταιρεία",
    "Α.Ε.", "ΑΕ", "Ε.Π.Ε.", "ΕΠΕ", "Ι.Κ.Ε.", "ΙΚΕ", "Ο.Ε.", "Ε.Ε.", "Μονοπρόσωπη", 'בע"מ', "בע״מ", "ש.מ.מ",
    "ش.م.م", "ذ.م.م", "ش.م.ع", "م.م.ح", "ش.ذ.م.م", "จำกัด", "จำกัด (มหาชน)", "(มหาชน)",
    # Chinese, Japanese, Korean with a space or bracket before them
    "株", "有", "合", "주", "유",
)  # fmt: skip
"""Forms that follow a name as words of their own."""

AT_THE_START = (
    "ООО", "ОАО", "ЗАО", "ПАО", "АО", "ИП", "НАО", "ТОО", "ТОВ", "ТзОВ", "ФОП", "ЧП", "ЧАО", "УП", "ОДО", "ПрАТ",
    "ПАТ",
    "OOO", "OAO", "ZAO", "บริษัท", "株", "有", "合", "주", "유", "شركة", "Công ty TNHH", "Công ty Cổ phần", "CTCP",
    "Công ty TNHH MTV", "Công ty",
)  # fmt: skip
"""Forms that come before a name as words of their own. PT, SIA and UAB are not here: SIA Partners is not Partners."""

JOINED = (
    "株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "股份有限公司", "有限责任公司",
    "有限責任公司",
    "股份公司", "有限公司", "주식회사", "유한회사", "บริษัท", "จำกัด",
)  # fmt: skip
"""Forms in scripts that write no space, found at either end of a name."""
