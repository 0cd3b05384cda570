"""Invented office papers: what stands on receipts, invoices, letters and forms, in English or in Spanish.

Nobody issued these papers. Shops, people and sums are drawn from the short lists below.
"""

from typing import Literal, NamedTuple

import numpy as np

Language = Literal["english", "spanish"]
KINDS = ("form", "invoice", "letter", "receipt")

NAMES = ("Alvarez", "Baker", "Costa", "Dunn", "Ebert", "Fischer", "Garcia", "Hall", "Ibarra", "Jones", "Kent", "Lopez")
WORDS: dict[Language, dict[str, tuple[str, ...]]] = {
    "english": {
        "shop": ("Bakery", "Corner Shop", "Hardware", "Market", "Stationery", "Garden Centre"),
        "street": ("High Street", "Mill Lane", "Station Road", "Park Avenue"),
        "goods": ("bread", "coffee", "paint", "paper", "screws", "apples", "soap", "lamp", "tape", "milk"),
        "services": ("consulting", "repair of pump", "printing", "transport", "cleaning", "training day"),
        "fields": ("Family name", "First name", "Date of birth", "Address", "Telephone", "Nationality", "Employer"),
        "prose": (
            "thank you for your letter of last week.",
            "we are sorry to hear about the delay.",
            "the meeting will take place in our office.",
            "please let us know whether this suits you.",
            "our colleague will call you on Monday.",
            "we look forward to seeing you again.",
            "the garden was admired by all our guests.",
        ),
        "receipt": ("RECEIPT", "TOTAL", "CASH", "CHANGE", "Thank you, come again"),
        "invoice": ("INVOICE", "Bill to", "Invoice no.", "Subtotal", "VAT", "Amount due", "Payable within 14 days"),
        "letter": ("Dear", "Yours sincerely", "May"),
        "form": ("APPLICATION FORM", "Please use block letters", "yes", "no", "Signature", "Married"),
    },
    "spanish": {
        "shop": ("Panaderia", "Tienda", "Ferreteria", "Mercado", "Papeleria", "Jardineria"),
        "street": ("Calle Mayor", "Plaza Nueva", "Avenida del Sol", "Camino Real"),
        "goods": ("pan", "cafe", "pintura", "papel", "tornillos", "manzanas", "jabon", "bombilla", "cinta", "leche"),
        "services": ("asesoria", "arreglo de bomba", "imprenta", "transporte", "limpieza", "jornada de curso"),
        "fields": ("Apellidos", "Nombre", "Fecha de nacimiento", "Domicilio", "Telefono", "Nacionalidad", "Empresa"),
        "prose": (
            "gracias por su carta de la semana pasada.",
            "lamentamos mucho este retraso.",
            "la reunion tiene lugar en nuestra oficina.",
            "le rogamos nos diga si le conviene.",
            "nuestro companero le llama el lunes.",
            "esperamos verle pronto por aqui.",
            "el jardin gusto a todos los invitados.",
        ),
        "receipt": ("TIQUE", "SUMA", "EFECTIVO", "CAMBIO", "Gracias, hasta pronto"),
        "invoice": ("FACTURA", "Cliente", "Factura num.", "Base", "IVA", "Importe a pagar", "Vence en 14 dias"),
        "letter": ("Estimada senora", "Atentamente", "mayo"),
        "form": ("SOLICITUD", "Escriba en mayusculas", "si", "no", "Firma", "Casado"),
    },
}


class Line(NamedTuple):
    """One line of a paper: words at the left margin, and words that end at the right one."""

    left: str
    right: str = ""


def write_paper(kind: str, language: Language, random: np.random.Generator) -> list[Line]:
    """The lines of one paper of a kind; an empty line is a gap."""
    return WRITERS[kind](WORDS[language], random)


def _receipt(words: dict[str, tuple[str, ...]], random: np.random.Generator) -> list[Line]:
    title, total, cash, change, thanks = words["receipt"]
    goods = [Line(_one(words["goods"], random), _sum(random, 9)) for _ in range(random.integers(2, 5))]
    head = [Line(f"{_one(NAMES, random)} {_one(words['shop'], random)}"), Line(_street(words, random)), Line(title)]
    tail = [Line(total, _sum(random, 40)), Line(cash, "50.00"), Line(change, _sum(random, 20)), Line(thanks)]
    return [*head, Line(""), *goods, Line(""), *tail]


def _invoice(words: dict[str, tuple[str, ...]], random: np.random.Generator) -> list[Line]:
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


def _letter(words: dict[str, tuple[str, ...]], random: np.random.Generator) -> list[Line]:
    dear, sincerely, month = words["letter"]
    prose = [Line(str(one)) for one in random.permutation(list(words["prose"]))[: random.integers(3, 6)]]
    head = [Line(_street(words, random)), Line("", f"{random.integers(1, 29)} {month} 2026"), Line("")]
    return [*head, Line(f"{dear} {_one(NAMES, random)},"), *prose, Line(""), Line(sincerely), Line(_one(NAMES, random))]


def _form(words: dict[str, tuple[str, ...]], random: np.random.Generator) -> list[Line]:
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


def _street(words: dict[str, tuple[str, ...]], random: np.random.Generator) -> str:
    return f"{_one(words['street'], random)} {random.integers(1, 99)}"


def _sum(random: np.random.Generator, most: int) -> str:
    return f"{random.uniform(1, most):.2f}"


WRITERS = {"form": _form, "invoice": _invoice, "letter": _letter, "receipt": _receipt}
