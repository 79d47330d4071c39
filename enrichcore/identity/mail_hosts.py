"""Hosts of personal mail, and what each of them ignores in an address.

Sources, read 2026-11-22 or general knowledge of the host's help pages: dots and plus at Gmail
(https://support.google.com/mail/answer/7436150), plus at Outlook.com, iCloud, Proton and Fastmail.
"""

GMAIL = frozenset({"gmail.com", "googlemail.com"})
"""One mailbox under two names; dots and everything from a plus are ignored."""

_MICROSOFT = frozenset({
    "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es", "hotmail.be", "hotmail.ca",
    "hotmail.nl", "hotmail.se", "hotmail.no", "hotmail.dk", "hotmail.fi", "hotmail.ch", "hotmail.at", "hotmail.gr",
    "hotmail.co.jp", "hotmail.com.br", "hotmail.com.ar", "hotmail.com.au", "hotmail.com.tr",
    "live.com", "live.co.uk", "live.fr", "live.de", "live.it", "live.nl", "live.be", "live.ca", "live.se", "live.no",
    "live.dk", "live.at", "live.ie", "live.cn", "live.jp", "live.com.au", "live.com.mx", "live.com.ar", "live.com.pt",
    "live.co.za", "live.in", "msn.com", "windowslive.com", "passport.com",
    "outlook.com", "outlook.fr", "outlook.de", "outlook.it", "outlook.es", "outlook.at", "outlook.be", "outlook.dk",
    "outlook.ie", "outlook.pt", "outlook.jp", "outlook.kr", "outlook.sa", "outlook.in", "outlook.co.id",
    "outlook.co.il", "outlook.co.th", "outlook.com.ar", "outlook.com.au", "outlook.com.br", "outlook.com.gr",
    "outlook.com.tr", "outlook.com.vn", "outlook.cl", "outlook.cz", "outlook.hu", "outlook.lv", "outlook.my",
    "outlook.ph", "outlook.sg", "outlook.sk",
})  # fmt: skip

PLUS = GMAIL | _MICROSOFT | frozenset({
    "fastmail.com", "fastmail.fm", "proton.me", "protonmail.com", "protonmail.ch", "pm.me", "icloud.com", "me.com",
    "mac.com",
})  # fmt: skip
"""Everything from a plus to the @ is ignored."""

FREE_MAIL = PLUS | frozenset({
    "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.es", "yahoo.ca", "yahoo.in", "yahoo.co.in",
    "yahoo.co.jp", "yahoo.com.br", "yahoo.com.au", "ymail.com", "rocketmail.com", "aol.com", "gmx.de", "gmx.net",
    "gmx.com", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "mail.com", "email.com", "mail.ru",
    "yandex.ru", "yandex.com", "rambler.ru", "bk.ru", "list.ru", "inbox.ru", "qq.com", "163.com", "126.com",
    "sina.com", "naver.com", "daum.net", "hanmail.net", "zoho.com", "tutanota.com", "tuta.com", "hey.com",
    "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "libero.it", "virgilio.it", "tiscali.it",
    "btinternet.com", "sky.com", "virginmedia.com", "talktalk.net", "comcast.net", "verizon.net", "att.net",
    "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net", "shaw.ca", "rogers.com", "bigpond.com",
    "optusnet.com.au",
    "uol.com.br", "bol.com.br", "terra.com.br", "rediffmail.com", "seznam.cz", "wp.pl", "o2.pl", "onet.pl",
    "interia.pl",
    "abv.bg", "ukr.net",
})  # fmt: skip
"""Sharing one of these hosts says nothing about sharing an employer."""
