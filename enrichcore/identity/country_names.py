"""The countries of ISO 3166-1 with their codes and English short names, and other names they go by.

Source: ISO 3166-1 (https://www.iso.org/obp/ui/#search), 249 entries, names shortened to common English. XK/XKX is
user-assigned for Kosovo and in use by most software.
"""

COUNTRIES = """
AD AND Andorra|AE ARE United Arab Emirates|AF AFG Afghanistan|AG ATG Antigua and Barbuda|AI AIA Anguilla
AL ALB Albania|AM ARM Armenia|AO AGO Angola|AQ ATA Antarctica|AR ARG Argentina|AS ASM American Samoa|AT AUT Austria
AU AUS Australia|AW ABW Aruba|AX ALA Åland Islands|AZ AZE Azerbaijan|BA BIH Bosnia and Herzegovina|BB BRB Barbados
BD BGD Bangladesh|BE BEL Belgium|BF BFA Burkina Faso|BG BGR Bulgaria|BH BHR Bahrain|BI BDI Burundi|BJ BEN Benin
BL BLM Saint Barthélemy|BM BMU Bermuda|BN BRN Brunei Darussalam|BO BOL Bolivia
BQ BES Bonaire, Sint Eustatius and Saba|BR BRA Brazil|BS BHS Bahamas|BT BTN Bhutan|BV BVT Bouvet Island
BW BWA Botswana|BY BLR Belarus|BZ BLZ Belize|CA CAN Canada|CC CCK Cocos (Keeling) Islands
CD COD Democratic Republic of the Congo|CF CAF Central African Republic|CG COG Congo|CH CHE Switzerland
CI CIV Côte d'Ivoire|CK COK Cook Islands|CL CHL Chile|CM CMR Cameroon|CN CHN China|CO COL Colombia|CR CRI Costa Rica
CU CUB Cuba|CV CPV Cabo Verde|CW CUW Curaçao|CX CXR Christmas Island|CY CYP Cyprus|CZ CZE Czechia|DE DEU Germany
DJ DJI Djibouti|DK DNK Denmark|DM DMA Dominica|DO DOM Dominican Republic|DZ DZA Algeria|EC ECU Ecuador|EE EST Estonia
EG EGY Egypt|EH ESH Western Sahara|ER ERI Eritrea|ES ESP Spain|ET ETH Ethiopia|FI FIN Finland|FJ FJI Fiji
FK FLK Falkland Islands (Malvinas)|FM FSM Federated States of Micronesia|FO FRO Faroe Islands|FR FRA France
GA GAB Gabon|GB GBR United Kingdom|GD GRD Grenada|GE GEO Georgia|GF GUF French Guiana|GG GGY Guernsey|GH GHA Ghana
GI GIB Gibraltar|GL GRL Greenland|GM GMB Gambia|GN GIN Guinea|GP GLP Guadeloupe|GQ GNQ Equatorial Guinea
GR GRC Greece|GS SGS South Georgia and the South Sandwich Islands|GT GTM Guatemala|GU GUM Guam|GW GNB Guinea-Bissau
GY GUY Guyana|HK HKG Hong Kong|HM HMD Heard Island and McDonald Islands|HN HND Honduras|HR HRV Croatia|HT HTI Haiti
HU HUN Hungary|ID IDN Indonesia|IE IRL Ireland|IL ISR Israel|IM IMN Isle of Man|IN IND India
IO IOT British Indian Ocean Territory|IQ IRQ Iraq|IR IRN Iran|IS ISL Iceland|IT ITA Italy|JE JEY Jersey|JM JAM Jamaica
JO JOR Jordan|JP JPN Japan|KE KEN Kenya|KG KGZ Kyrgyzstan|KH KHM Cambodia|KI KIR Kiribati|KM COM Comoros
KN KNA Saint Kitts and Nevis|KP PRK North Korea|KR KOR South Korea|KW KWT Kuwait|KY CYM Cayman Islands
KZ KAZ Kazakhstan|LA LAO Lao People's Democratic Republic|LB LBN Lebanon|LC LCA Saint Lucia|LI LIE Liechtenstein
LK LKA Sri Lanka|LR LBR Liberia|LS LSO Lesotho|LT LTU Lithuania|LU LUX Luxembourg|LV LVA Latvia|LY LBY Libya
MA MAR Morocco|MC MCO Monaco|MD MDA Moldova|ME MNE Montenegro|MF MAF Saint Martin|MG MDG Madagascar
MH MHL Marshall Islands|MK MKD North Macedonia|ML MLI Mali|MM MMR Myanmar|MN MNG Mongolia|MO MAC Macao
MP MNP Northern Mariana Islands|MQ MTQ Martinique|MR MRT Mauritania|MS MSR Montserrat|MT MLT Malta|MU MUS Mauritius
MV MDV Maldives|MW MWI Malawi|MX MEX Mexico|MY MYS Malaysia|MZ MOZ Mozambique|NA NAM Namibia|NC NCL New Caledonia
NE NER Niger|NF NFK Norfolk Island|NG NGA Nigeria|NI NIC Nicaragua|NL NLD Netherlands|NO NOR Norway|NP NPL Nepal
NR NRU Nauru|NU NIU Niue|NZ NZL New Zealand|OM OMN Oman|PA PAN Panama|PE PER Peru|PF PYF French Polynesia
PG PNG Papua New Guinea|PH PHL Philippines|PK PAK Pakistan|PL POL Poland|PM SPM Saint Pierre and Miquelon
PN PCN Pitcairn|PR PRI Puerto Rico|PS PSE State of Palestine|PT PRT Portugal|PW PLW Palau|PY PRY Paraguay|QA QAT Qatar
RE REU Réunion|RO ROU Romania|RS SRB Serbia|RU RUS Russian Federation|RW RWA Rwanda|SA SAU Saudi Arabia
SB SLB Solomon Islands|SC SYC Seychelles|SD SDN Sudan|SE SWE Sweden|SG SGP Singapore
SH SHN Saint Helena, Ascension and Tristan da Cunha|SI SVN Slovenia|SJ SJM Svalbard and Jan Mayen|SK SVK Slovakia
SL SLE Sierra Leone|SM SMR San Marino|SN SEN Senegal|SO SOM Somalia|SR SUR Suriname|SS SSD South Sudan
ST STP Sao Tome and Principe|SV SLV El Salvador|SX SXM Sint Maarten|SY SYR Syrian Arab Republic|SZ SWZ Eswatini
TC TCA Turks and Caicos Islands|TD TCD Chad|TF ATF French Southern Territories|TG TGO Togo|TH THA Thailand
TJ TJK Tajikistan|TK TKL Tokelau|TL TLS Timor-Leste|TM TKM Turkmenistan|TN TUN Tunisia|TO TON Tonga|TR TUR Türkiye
TT TTO Trinidad and Tobago|TV TUV Tuvalu|TW TWN Taiwan|TZ TZA Tanzania|UA UKR Ukraine|UG UGA Uganda
UM UMI United States Minor Outlying Islands|US USA United States of America|UY URY Uruguay|UZ UZB Uzbekistan
VA VAT Holy See|VC VCT Saint Vincent and the Grenadines|VE VEN Venezuela|VG VGB British Virgin Islands
VI VIR United States Virgin Islands|VN VNM Viet Nam|VU VUT Vanuatu|WF WLF Wallis and Futuna|WS WSM Samoa
XK XKX Kosovo|YE YEM Yemen|YT MYT Mayotte|ZA ZAF South Africa|ZM ZMB Zambia|ZW ZWE Zimbabwe
"""
"""`alpha-2 alpha-3 name`, separated by bars and line ends."""

ALIASES = {
    "AE": ("UAE", "U.A.E.", "Emirates"),
    "BA": ("Bosnia",),
    "BN": ("Brunei",),
    "BO": ("Plurinational State of Bolivia",),
    "CC": ("Cocos Islands", "Keeling Islands"),
    "CD": ("DR Congo", "DRC", "Congo Kinshasa", "Congo DR", "Congo, Democratic Republic of the", "Zaire"),
    "CG": ("Republic of the Congo", "Republic of Congo", "Congo Brazzaville"),
    "CI": ("Ivory Coast",),
    "CN": ("People's Republic of China", "PRC", "P.R. China", "Mainland China"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "DE": ("Federal Republic of Germany", "Deutschland"),
    "ES": ("España",),
    "FK": ("Falkland Islands",),
    "FM": ("Micronesia",),
    "GB": (
        "UK", "U.K.", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland",
        "United Kingdom of Great Britain and Northern Ireland",
    ),
    "GR": ("EL", "Hellas"),
    "HK": ("Hong Kong SAR", "Hong Kong SAR China", "Hong Kong S.A.R."),
    "IE": ("Republic of Ireland", "Eire"),
    "IR": ("Islamic Republic of Iran",),
    "KP": ("Democratic People's Republic of Korea", "DPRK", "Korea, North"),
    "KR": ("Republic of Korea", "Korea", "Korea, Republic of", "Korea, South", "ROK"),
    "LA": ("Laos", "Lao PDR"),
    "MD": ("Republic of Moldova", "Moldova, Republic of"),
    "MF": ("Saint Martin (French part)",),
    "MK": ("Macedonia", "FYROM"),
    "MM": ("Burma",),
    "MO": ("Macau", "Macao SAR", "Macau SAR", "Macao SAR China"),
    "NL": ("Holland", "Kingdom of the Netherlands"),
    "NZ": ("Aotearoa",),
    "PS": ("Palestine", "Palestinian Territories", "Palestinian Territory"),
    "RU": ("Russia",),
    "SA": ("KSA", "Kingdom of Saudi Arabia"),
    "SH": ("Saint Helena",),
    "SK": ("Slovak Republic",),
    "SX": ("Sint Maarten (Dutch part)",),
    "SY": ("Syria",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("Taiwan, Province of China", "Republic of China", "Chinese Taipei"),
    "TZ": ("United Republic of Tanzania", "Tanzania, United Republic of"),
    "US": ("United States", "U.S.", "U.S.A.", "America", "the States", "United States of America (USA)", "US of A"),
    "VA": ("Vatican", "Vatican City", "Vatican City State"),
    "VC": ("Saint Vincent",),
    "VE": ("Bolivarian Republic of Venezuela",),
    "VG": ("Virgin Islands, British", "BVI"),
    "VI": ("US Virgin Islands", "U.S. Virgin Islands", "Virgin Islands, U.S.", "USVI"),
    "VN": ("Vietnam", "Socialist Republic of Vietnam"),
    "ZA": ("RSA", "Republic of South Africa"),
}  # fmt: skip
"""Other names and abbreviations in use."""

NATIVE = {
    "AE": ("الإمارات", "الإمارات العربية المتحدة"), "AL": ("Shqipëria",), "AM": ("Հայաստան",), "AT": ("Österreich",),
    "AZ": ("Azərbaycan",), "BA": ("Bosna i Hercegovina",), "BE": ("België", "Belgique", "Belgien"),
    "BG": ("България",),
    "BR": ("Brasil",), "BY": ("Беларусь",), "CH": ("Schweiz", "Suisse", "Svizzera"), "CN": ("中国", "中國"),
    "CY": ("Κύπρος",), "CZ": ("Česko", "Česká republika"), "DK": ("Danmark",), "DZ": ("Algérie", "الجزائر"),
    "EE": ("Eesti",), "EG": ("مصر",), "FI": ("Suomi",), "GE": ("საქართველო",), "GR": ("Ελλάδα", "Ελλάς"),
    "HK": ("香港",),
    "HR": ("Hrvatska",), "HU": ("Magyarország",), "IL": ("ישראל",), "IN": ("Bharat", "भारत"), "IR": ("ایران",),
    "IS": ("Ísland",), "IT": ("Italia",), "JO": ("الأردن",), "JP": ("日本", "Nippon"), "KR": ("대한민국", "한국"),
    "KW": ("الكويت",), "KZ": ("Қазақстан", "Казахстан"), "LB": ("لبنان", "Liban"), "LT": ("Lietuva",),
    "LV": ("Latvija",),
    "MA": ("Maroc", "المغرب"), "MX": ("México",), "NL": ("Nederland",), "NO": ("Norge", "Noreg"), "OM": ("عمان",),
    "PE": ("Perú",), "PL": ("Polska",), "QA": ("قطر",), "RO": ("România",), "RS": ("Srbija", "Србија"),
    "RU": ("Россия", "Российская Федерация"), "SA": ("السعودية", "المملكة العربية السعودية"), "SE": ("Sverige",),
    "SI": ("Slovenija",), "SK": ("Slovensko",), "TH": ("ประเทศไทย", "ไทย"), "TN": ("Tunisie", "تونس"),
    "TR": ("Türkiye", "Türkiye Cumhuriyeti"), "TW": ("台灣", "臺灣", "台湾"), "UA": ("Україна",), "VN": ("Việt Nam",),
}  # fmt: skip
"""Names in the countries' own languages, where an English list has them otherwise."""
