"""Hosts of personal mail, and what each of them ignores in an address.

Sources, read 2026-11-22 or general knowledge of the host's help pages: dots and plus at Gmail
(https://support.google.com/mail/answer/7436150), plus at Outlook.com, iCloud, Proton and Fastmail.
"""

import re

from enrichcore.identity.domain_country import domain_country

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
    "abv.bg", "ukr.net", "foxmail.com", "sina.cn", "139.com", "189.cn", "yeah.net", "sohu.com", "vip.qq.com",
    "aliyun.com",
    "21cn.com", "tom.com", "sapo.pt", "clix.pt", "iol.pt", "netcabo.pt", "ziggo.nl", "kpnmail.nl", "kpnplanet.nl",
    "planet.nl", "xs4all.nl", "home.nl", "hetnet.nl", "chello.nl", "casema.nl", "quicknet.nl", "upcmail.nl",
    "telenet.be", "skynet.be", "proximus.be", "scarlet.be", "bluewin.ch", "hispeed.ch", "sunrise.ch", "online.no",
    "telia.com", "telia.no", "comhem.se", "bredband.net", "spray.se", "home.se", "tele2.se", "glocalnet.net",
    "jubii.dk", "mail.dk", "tdcadsl.dk", "stofanet.dk", "youmail.dk", "luukku.com", "elisanet.fi", "kolumbus.fi",
    "suomi24.fi", "saunalahti.fi", "simnet.is", "centrum.cz", "volny.cz", "email.cz", "post.cz", "atlas.cz",
    "tiscali.cz", "azet.sk", "zoznam.sk", "centrum.sk", "post.sk", "gazeta.pl", "op.pl", "vp.pl", "tlen.pl",
    "buziaczek.pl",
    "poczta.onet.pl", "poczta.fm", "autograf.pl", "freemail.hu", "citromail.hu", "indamail.hu", "t-online.hu",
    "upcmail.hu", "mynet.com", "ttmail.com", "alice.it", "tin.it", "inwind.it", "iol.it", "fastwebnet.it", "email.it",
    "aruba.it", "pec.it", "teletu.it", "arcor.de", "online.de", "gmx.info", "email.de", "posteo.de", "mailbox.org",
    "kabelmail.de", "vodafonemail.de", "unitybox.de", "aon.at", "chello.at", "a1.net", "inode.at", "utanet.at",
    "ig.com.br", "globo.com", "globomail.com", "r7.com", "oi.com.br", "zipmail.com.br", "docomo.ne.jp", "ezweb.ne.jp",
    "softbank.ne.jp", "au.com", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp", "excite.co.jp", "goo.jp", "so-net.ne.jp",
    "nate.com", "korea.com", "kakao.com", "empal.com", "lycos.co.kr", "ntlworld.com", "blueyonder.co.uk",
    "tiscali.co.uk",
    "btopenworld.com", "talk21.com", "o2.co.uk", "plusnet.com", "virgin.net", "eircom.net", "earthlink.net", "juno.com",
    "netzero.net", "duck.com", "mindspring.com", "frontier.com", "frontiernet.net", "windstream.net", "centurylink.net",
    "optonline.net", "roadrunner.com", "twc.com", "q.com", "suddenlink.net", "usa.net", "excite.com", "lycos.com",
    "netscape.net", "aim.com", "love.com", "games.com", "mail.ee", "hot.ee", "inbox.lv", "one.lt", "telus.net",
    "sympatico.ca", "videotron.ca", "bell.net", "iinet.net.au", "westnet.com.au", "tpg.com.au", "dodo.com.au",
    "ozemail.com.au", "xtra.co.nz", "slingshot.co.nz", "vodafone.co.nz", "mweb.co.za", "telkomsa.net", "webmail.co.za",
    "vodamail.co.za", "sify.com", "indiatimes.com", "in.com", "walla.co.il", "walla.com", "netvision.net.il",
    "bezeqint.net", "013net.net", "otenet.gr", "forthnet.gr", "hol.gr", "in.gr", "mail.gr", "pathfinder.gr", "mail.bg",
    "dir.bg", "net.hr", "inet.hr", "siol.net", "meta.ua", "i.ua", "bigmir.net", "internet.ru", "ya.ru", "lenta.ru",
    "tut.by", "mail.kz", "mail.ua", "hinet.net", "seed.net.tw", "pchome.com.tw", "netvigator.com", "singnet.com.sg",
    "pacific.net.sg", "streamyx.com", "telkom.net", "fpt.vn", "neuf.fr", "numericable.fr", "bbox.fr",
    "club-internet.fr",
    "aliceadsl.fr", "cegetel.net", "9online.fr", "voila.fr", "noos.fr", "dbmail.com", "telefonica.net", "terra.es",
    "ya.com", "wanadoo.es", "ono.com", "euskaltel.net", "prodigy.net.mx", "infinitummail.com", "fibertel.com.ar",
    "speedy.com.ar", "arnet.com.ar", "ciudad.com.ar", "vtr.net", "une.net.co", "etb.net.co", "cantv.net", "tutanota.de",
    "tuta.io", "tutamail.com", "keemail.me", "mailfence.com", "runbox.com", "hushmail.com", "inbox.com", "gmx.us",
    "lavabit.com", "startmail.com", "disroot.org", "riseup.net", "mac.me", "simplelogin.com", "relay.firefox.com",
    "privaterelay.appleid.com", "myyahoo.com", "passmail.net", "zohomail.com", "zohomail.eu", "zoho.eu", "zoho.in",
})  # fmt: skip
"""Sharing one of these hosts says nothing about sharing an employer."""

_IN_EVERY_COUNTRY = re.compile(r"(?:yahoo|hotmail|live|outlook|gmx|yandex|ymail|googlemail|msn)(?:\.com?)?\.[a-z]{2}")


def is_free_mail(host: str) -> bool:
    """Whether a host gives mailboxes to everybody, also under another country's domain: `yahoo.com.mx`."""
    return host in FREE_MAIL or (_IN_EVERY_COUNTRY.fullmatch(host) is not None and domain_country(host) is not None)
