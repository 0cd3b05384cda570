from resources.landing.folder import FOLDER
from resources.landing.glob import GLOB
from resources.landing.item import Source
from resources.landing.sql import SQL

SOURCES: dict[str, Source] = {
    "folder": FOLDER,
    "glob": GLOB,
    "sql": SQL,
}
