"""What columns are called in the exports of CRMs and of vendors, folded: without case, accents and punctuation."""

from collections.abc import Mapping
from typing import Final

FULL_NAME: Final = "full_name"
PHONE: Final = "phone"

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "record_id": (
        "id", "recordid", "contactid", "leadid", "personid", "externalid", "hsobjectid", "crmid", "apollocontactid",
        "contactorleadid", "contactid18",
    ),
    "first_name": (
        "first", "firstname", "givenname", "forename", "fname", "contactfirstname", "prenom", "vorname", "nombre",
        "voornaam", "fornavn", "fornamn",
    ),
    "last_name": (
        "last", "lastname", "surname", "familyname", "lname", "contactlastname", "nomdefamille", "nachname",
        "familienname", "apellido", "apellidos", "cognome", "achternaam", "etternavn", "efternamn",
    ),
    "company": (
        "companyname", "organization", "organisation", "organizationname", "organisationname", "employer",
        "accountname", "account", "currentcompany", "companynameforemails", "companyaccount",
        "primaryassociatedcompany", "associatedcompany", "currentemployer",
        "firma", "unternehmen", "societe", "entreprise", "empresa", "azienda",
        "bedrijf",
    ),
    "domain": (
        "companydomain", "companydomainname", "companywebsite", "companywebsiteurl", "companyurl", "website",
        "websiteurl", "accountwebsite", "emaildomain", "webseite", "siteweb", "sitioweb",
    ),
    "email": (
        "emailaddress", "workemail", "businessemail", "mail", "email1", "primaryemail", "contactemail", "courriel",
        "adresseemail", "emailadresse", "correo", "correoelectronico",
    ),
    "linkedin_id": (
        "linkedin", "linkedinurl", "linkedinprofile", "linkedinprofileurl", "linkedinslug", "linkedinpublicid",
        "personlinkedinurl", "linkedinlink", "contactlinkedinurl", "personlinkedin", "linkedincontacturl",
    ),
    "country": (
        "countrycode", "countryname", "personcountry", "countryregion", "mailingcountry", "contactcountry",
        "mailingcountrycode", "land", "pays", "pais", "paese",
    ),
    FULL_NAME: ("name", "fullname", "contactname", "personname", "contactfullname", "nomcomplet"),
}  # fmt: skip
"""Names of the column of each field; the first that the file has counts, the field's own name before them all."""

PHONES: Final = frozenset(
    {
        PHONE, "phonenumber", "phone1", "phone2", "mobile", "mobilephone", "mobilenumber", "mobilephonenumber", "cell",
        "cellphone", "cellphonenumber", "tel", "telephone", "telephonenumber", "workphone", "workdirectphone",
        "directphone", "directdial", "directnumber", "homephone", "otherphone", "contactphone", "personphone",
        "businessphone", "handy", "mobil", "telefon", "telefonnummer", "portable", "movil",
        "telefono", "enrichcorephone",
    }
)  # fmt: skip
"""Names of columns with a person's own number; a company's, an assistant's and a fax are none of them."""
