"""Classes of mailboxes: of a role, on a throw-away host, on a host of personal mail."""

from enum import StrEnum
from functools import cache

from enrichcore.identity.email import clean_email
from enrichcore.identity.mail_hosts import is_free_mail
from enrichcore.identity.name import name_key
from enrichcore.identity.text import words

_ROLES = words("""
info information contact contacts contacto contato contatti kontakt office hello hi hey hallo hola team staff all
everyone admin administrator administration administracion sysadmin root postmaster hostmaster webmaster abuse noreply
no reply donotreply mailer daemon security privacy legal compliance gdpr dpo sales sale vendas ventas vertrieb verkauf
vente ventes salg myynti marketing pr press presse prensa media news newsletter support help helpdesk service services
servicedesk customerservice customercare kundenservice kundendienst care feedback billing accounts accounting
accountspayable invoice invoices rechnung buchhaltung finance finanzen payments purchasing purchase procurement
einkauf acquisti compras compta comptabilite orders order bestellung pedidos hr jobs job careers career recruiting
recruitment bewerbung rrhh personal personnel reception recepcion recepcao empfang rezeption secretary secretariat
sekretariat secretaria segreteria assistenz assistant pa ceo cfo cto coo cmo cio gm md director direction direccion
direzione geschaeftsfuehrung management manager owner president board booking bookings reservations reservation events
shop store webshop it ict tech technical technik engineering dev operations ops logistics dispatch warehouse quality
export import enquiries enquiry inquiries inquiry general mail email post mailbox inbox web website online user test
demo subscribe unsubscribe bounce lead accueil commercial comercial commerciale commerciali amministrazione
administratie administracja administracao administrativo verkoop inkoop biuro bureau kantoor kundeservice kundtjanst
kundservice asiakaspalvelu klantenservice atendimento financeiro rh suporte soporte supporto soutien assistance
assistenza assistencia ufficio uffici customer customers client clients clienti clientes cliente clientela department
abteilung payable receivable bonjour ciao hei hej ola bilgi iletisim destek satis muhasebe infos informacion
informacoes informazioni informatie informacja obchod prodej ucetni prodaja racunovodstvo ertekesites ugyfelszolgalat
penzugy kontor toimisto laskutus ekonomi okonomi regnskab faktura facturas facturacion facturation fatturazione
fatture facturen administratief secretariaat recepcja receptie recepce reklamacje zamowienia sprzedaz ksiegowosc
kadry praca rekrutacja zakupki buh buhgalter kontakty zakaz otdel priemnaya servicio servico servizio servizi
redaktion redaccion redaction redazione redacao kanzlei praxis hausverwaltung vermietung disposition versand lager
werkstatt technique tecnico tecnica technisch itsupport edv informatik datenschutz dsgvo rgpd juridico legale
juridique rechtsabteilung empleo empleos trabajo lavoro recrutement recrutamento stage stages vacatures
bestellungen commandes commande ordini pedido encomendas bestilling tilaukset hotel rezervasyon reservas reserva
reservaciones prenotazioni reservierung reservierungen welcome willkommen
""")


_LONGEST_TAG = 3


class EmailClass(StrEnum):
    """What kind of mailbox an address names."""

    ROLE = "role"
    DISPOSABLE = "disposable"
    FREE_MAIL = "free_mail"
    WORK = "work"
    """None of the others: a person's mailbox at a host of its own, as far as the address tells."""


def email_class(text: object) -> EmailClass | None:
    """The class of an address; None where the text is none. A role counts before the host."""
    email = clean_email(text)
    if email is None:
        return None
    local, _, host = email.rpartition("@")
    if is_role(local):
        return EmailClass.ROLE
    if is_disposable_host(host):
        return EmailClass.DISPOSABLE
    return EmailClass.FREE_MAIL if is_free_mail(host) else EmailClass.WORK


def is_role(local: str) -> bool:
    """Whether the part before the @ names a task and nobody: `sales`, `sales.uk`, `no-reply`, `marketing.lead`."""
    plain = local.partition("+")[0].replace("_", " ")
    found = name_key(plain.rstrip("0123456789") or plain).split()  # info2
    if not found or not (found[0] in _ROLES or "".join(found) in _ROLES):
        return False
    return all(word in _ROLES or len(word) <= _LONGEST_TAG for word in found)  # sales.uk


@cache
def _throw_away() -> frozenset[str]:
    from disposable_email_domains import blocklist  # noqa: PLC0415 - 10,000 hosts that few runs need

    return frozenset(blocklist)


def is_disposable_host(host: str) -> bool:
    """Whether a host, or one that it lies under, gives mailboxes to throw away; as `clean_domain` gives it."""
    known = _throw_away()
    while "." in host:
        if host in known:
            return True
        host = host.partition(".")[2]
    return False


def is_personal_host(host: str) -> bool:
    """Whether sharing a host says nothing about sharing an employer."""
    return is_free_mail(host) or is_disposable_host(host)
