"""Invented office papers: what stands on receipts, invoices, letters and forms, in English or in Spanish.

Nobody issued these papers. Shops, people and sums are drawn from the short lists below.
"""

from typing import Literal, NamedTuple

import numpy as np

Language = Literal["english", "spanish"]
LANGUAGES: tuple[Language, ...] = ("english", "spanish")
Words = dict[str, tuple[str, ...]]
KINDS = ("form", "invoice", "letter", "receipt")

NAMES = ("Alvarez", "Baker", "Costa", "Dunn", "Ebert", "Fischer", "Garcia", "Hall", "Ibarra", "Jones", "Kent", "Lopez")
# What each paper says, in both languages.
WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "shop": (
        ("Bakery", "Panaderia"),
        ("Corner Shop", "Tienda"),
        ("Hardware", "Ferreteria"),
        ("Market", "Mercado"),
        ("Stationery", "Papeleria"),
        ("Garden Centre", "Jardineria"),
    ),
    "street": (
        ("High Street", "Calle Mayor"),
        ("Mill Lane", "Plaza Nueva"),
        ("Station Road", "Avenida del Sol"),
        ("Park Avenue", "Camino Real"),
    ),
    "goods": (
        ("bread", "pan"),
        ("coffee", "cafe"),
        ("paint", "pintura"),
        ("paper", "papel"),
        ("screws", "tornillos"),
        ("apples", "manzanas"),
        ("soap", "jabon"),
        ("lamp", "bombilla"),
        ("tape", "cinta"),
        ("milk", "leche"),
    ),
    "services": (
        ("consulting", "asesoria"),
        ("repair of pump", "arreglo de bomba"),
        ("printing", "imprenta"),
        ("transport", "transporte"),
        ("cleaning", "limpieza"),
        ("training day", "jornada de curso"),
    ),
    "fields": (
        ("Family name", "Apellidos"),
        ("First name", "Nombre"),
        ("Date of birth", "Fecha de nacimiento"),
        ("Address", "Domicilio"),
        ("Telephone", "Telefono"),
        ("Nationality", "Nacionalidad"),
        ("Employer", "Empresa"),
    ),
    "prose": (
        ("thank you for your letter of last week.", "gracias por su carta de la semana pasada."),
        ("we are sorry to hear about the delay.", "lamentamos mucho este retraso."),
        ("the meeting will take place in our office.", "la reunion tiene lugar en nuestra oficina."),
        ("please let us know whether this suits you.", "le rogamos nos diga si le conviene."),
        ("our colleague will call you on Monday.", "nuestro companero le llama el lunes."),
        ("we look forward to seeing you again.", "esperamos verle pronto por aqui."),
        ("the garden was admired by all our guests.", "el jardin gusto a todos los invitados."),
    ),
    "receipt": (
        ("RECEIPT", "TIQUE"),
        ("TOTAL", "SUMA"),
        ("CASH", "EFECTIVO"),
        ("CHANGE", "CAMBIO"),
        ("Thank you, come again", "Gracias, hasta pronto"),
    ),
    "invoice": (
        ("INVOICE", "FACTURA"),
        ("Bill to", "Cliente"),
        ("Invoice no.", "Factura num."),
        ("Subtotal", "Base"),
        ("VAT", "IVA"),
        ("Amount due", "Importe a pagar"),
        ("Payable within 14 days", "Vence en 14 dias"),
    ),
    "letter": (
        ("Dear", "Estimada senora"),
        ("Yours sincerely", "Atentamente"),
        ("May", "mayo"),
    ),
    "form": (
        ("APPLICATION FORM", "SOLICITUD"),
        ("Please use block letters", "Escriba en mayusculas"),
        ("yes", "si"),
        ("no", "no"),
        ("Signature", "Firma"),
        ("Married", "Casado"),
    ),
}


class Line(NamedTuple):
    """One line of a paper: words at the left margin, and words that end at the right one."""

    left: str
    right: str = ""


def write_paper(kind: str, language: Language, random: np.random.Generator) -> list[Line]:
    """The lines of one paper of a kind; an empty line is a gap."""
    return WRITERS[kind](words_in(language), random)


def words_in(language: Language) -> Words:
    """One column of WORDS."""
    column = LANGUAGES.index(language)
    return {name: tuple(pair[column] for pair in pairs) for name, pairs in WORDS.items()}


def _receipt(words: Words, random: np.random.Generator) -> list[Line]:
    title, total, cash, change, thanks = words["receipt"]
    goods = [Line(_one(words["goods"], random), _sum(random, 9)) for _ in range(random.integers(2, 5))]
    head = [Line(f"{_one(NAMES, random)} {_one(words['shop'], random)}"), Line(_street(words, random)), Line(title)]
    tail = [Line(total, _sum(random, 40)), Line(cash, "50.00"), Line(change, _sum(random, 20)), Line(thanks)]
    return [*head, Line(""), *goods, Line(""), *tail]


def _invoice(words: Words, random: np.random.Generator) -> list[Line]:
    title, to, number, subtotal, tax, due, terms = words["invoice"]
    work = [Line(_one(words["services"], random), _sum(random, 900)) for _ in range(random.integers(2, 5))]
    head = [Line(_one(NAMES, random), title), Line(_street(words, random), f"{number} {random.integers(100, 9999)}")]
    tail = [
        Line(subtotal, _sum(random, 2000)),
        Line(tax, _sum(random, 300)),
        Line(due, _sum(random, 2300)),
        Line(terms),
    ]
    return [*head, Line(""), Line(f"{to}: {_one(NAMES, random)}"), Line(""), *work, Line(""), *tail]


def _letter(words: Words, random: np.random.Generator) -> list[Line]:
    dear, sincerely, month = words["letter"]
    prose = [Line(str(one)) for one in random.permutation(list(words["prose"]))[: random.integers(3, 6)]]
    head = [Line(_street(words, random)), Line("", f"{random.integers(1, 29)} {month} 2026"), Line("")]
    return [*head, Line(f"{dear} {_one(NAMES, random)},"), *prose, Line(""), Line(sincerely), Line(_one(NAMES, random))]


def _form(words: Words, random: np.random.Generator) -> list[Line]:
    title, how, yes, no, signature, question = words["form"]
    fields = [Line(f"{one}: ..........") for one in random.permutation(list(words["fields"]))[: random.integers(4, 7)]]
    number = f"F-{random.integers(10, 99)}"
    return [
        Line(title, number),
        Line(how),
        Line(""),
        *fields,
        Line(f"{question}  [ ] {yes}  [ ] {no}"),
        Line(signature),
    ]


def _one(values: tuple[str, ...], random: np.random.Generator) -> str:
    return values[random.integers(len(values))]


def _street(words: Words, random: np.random.Generator) -> str:
    return f"{_one(words['street'], random)} {random.integers(1, 99)}"


def _sum(random: np.random.Generator, most: int) -> str:
    return f"{random.uniform(1, most):.2f}"


WRITERS = {"form": _form, "invoice": _invoice, "letter": _letter, "receipt": _receipt}
