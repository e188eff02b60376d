"""Word lists and number ranges for the demo's invented customers."""

# Bundesnetzagentur, Mitteilung 148/2021 ("Drama Numbers"): 000 to 999 behind each of these.
GERMAN_FICTION = (
    ("30", "23125", "Berlin", "10115"),
    ("69", "90009", "Frankfurt am Main", "60311"),
    ("40", "66969", "Hamburg", "20095"),
    ("221", "4710", "Köln", "50667"),
    ("89", "99998", "München", "80331"),
)
# The same notice: mobile numbers. The firm's own people have the first of the range 0171 39200xx.
GERMAN_MOBILE = (
    "+4915228817386",
    "+4915228895456",
    "+4915254599371",
    "+491729925904",
    "+491729968532",
    "+491729973185",
    "+491729973186",
    "+491729980752",
    "+491749091317",
    "+491749464308",
)
# Ofcom, "Telephone numbers for use in TV and radio drama programmes".
BRITISH_FICTION = (
    ("1632", "960", "Fictown", "FT1 1AA"),
    ("20", "79460", "London", "EC1A 1BB"),
    ("113", "4960", "Leeds", "LS1 1BA"),
    ("117", "4960", "Bristol", "BS1 4DJ"),
    ("131", "4960", "Edinburgh", "EH1 1YZ"),
    ("161", "4960", "Manchester", "M1 1AE"),
)
ITALIAN_CITIES = (
    ("0432", "Udine", "33100"),
    ("040", "Trieste", "34121"),
    ("0481", "Gorizia", "34170"),
    ("0434", "Pordenone", "33170"),
    ("049", "Padova", "35121"),
    ("0471", "Bolzano", "39100"),
    ("045", "Verona", "37121"),
    ("02", "Milano", "20121"),
)

GIVEN = {
    "IT": (
        "Alessandro", "Andrea", "Beatrice", "Carlo", "Caterina", "Emanuele", "Federica", "Fabio", "Francesca", "Giorgio",
        "Ilaria", "Lorenzo", "Lucia", "Marta", "Michele", "Niccolò", "Noemi", "Pietro", "Roberta", "Silvia", "Tommaso",
    ),
    "DE": (
        "Anja", "Björn", "Birgit", "Christoph", "Dörte", "Franziska", "Günter", "Heike", "Jörg", "Jürgen", "Karin",
        "Lukas", "Michael", "Petra", "Ralf", "Sabine", "Stefan", "Thomas", "Ulrike", "Uwe", "Zoë",
    ),
    "GB": (
        "Alison", "Andrew", "Charlotte", "Daniel", "Emma", "Fiona", "George", "Harry", "Helen", "James", "Laura",
        "Martin", "Olivia", "Peter", "Rachel", "Sarah", "Siân", "Simon", "Thomas", "Victoria", "William",
    ),
}  # fmt: skip
FAMILY = {
    "IT": (
        "Bianchi", "Bortolussi", "Bruno", "Cantarutti", "Colussi", "Conti", "D'Angelo", "De Luca", "De Marchi", "Fabris",
        "Ferrari", "Franceschini", "Furlan", "Gallo", "Grassi", "Lizzi", "Mantovani", "Marchetti", "Moretti", "Moro",
        "Pascolo", "Pellegrini", "Petris", "Piccolo", "Pittini", "Ricci", "Romano", "Rossi", "Russo", "Sartori",
        "Tomat", "Turco", "Urban", "Visintin", "Zanier", "Zorzi", "Battistella", "Cecotti", "Morandini", "Tosolini",
    ),
    "DE": (
        "Albrecht", "Bauer", "Becker", "Brühl", "Eichinger", "Fischer", "Friedrich", "Gruber", "Günther", "Hoffmann",
        "Huber", "Kaiser", "Keller", "Köhler", "König", "Krämer", "Krüger", "Lindner", "Lösch", "Meier",
        "Möller", "Müller", "Neumann", "Pichler", "Reuß", "Richter", "Schäfer", "Schmidt", "Schröder", "Schulze",
        "Schütz", "Seidel", "Straßer", "Vogel", "Voß", "Wagner", "Weber", "Winkler", "Wölfl", "Zimmermann",
    ),
    "GB": (
        "Ashworth", "Baker", "Bennett", "Birch", "Campbell", "Carter", "Clarke", "Cooper", "Dawson", "Ellis",
        "Fletcher", "Foster", "Green", "Hargreaves", "Harrison", "Hughes", "Jackson", "Johnson", "Lewis", "Marsh",
        "Mitchell", "Morgan", "O'Brien", "Palmer", "Parker", "Reid", "Roberts", "Shaw", "Spencer", "Stone",
        "Sutton", "Taylor", "Thornton", "Turner", "Walker", "Ward", "Watson", "Whitaker", "Wilson", "Wright",
    ),
}  # fmt: skip
SECTORS = {
    "IT": (
        "Arredamenti", "Carpenteria", "Costruzioni", "Elettronica", "Immobiliare", "Impianti", "Logistica", "Marmi",
        "Meccanica", "Officina", "Serramenti", "Studio", "Trasporti", "Vini",
    ),
    "DE": (
        "Anlagenbau", "Bau", "Druckerei", "Elektrotechnik", "Fliesen", "Handel", "Keramik", "Logistik", "Maschinenbau",
        "Metallbau", "Möbel", "Öfen", "Sanitär", "Spedition",
    ),
    "GB": (
        "Building", "Catering", "Ceramics", "Consulting", "Engineering", "Estates", "Furniture", "Heating", "Joinery",
        "Kitchens", "Logistics", "Plumbing", "Tiles", "Transport",
    ),
}  # fmt: skip
FORMS = {
    "IT": ("S.r.l.", "S.p.A.", "S.n.c.", "S.a.s."),
    "DE": ("GmbH", "AG", "KG", "GmbH & Co. KG", "OHG"),
    "GB": ("Ltd", "PLC", "LLP", "& Sons"),
}
TITLES = (
    "Acquisti", "Amministrazione", "Commerciale", "Direttore", "Logistica", "Marketing", "Responsabile tecnico",
    "Segreteria", "Titolare", "Ufficio tecnico",
)  # fmt: skip
STREETS = {
    "39": ("Via Roma", "Via Garibaldi", "Viale Europa", "Via Dante", "Corso Italia", "Piazza Libertà"),
    "49": ("Hauptstraße", "Bahnhofstraße", "Gartenweg", "Lindenallee", "Am Markt", "Bergstraße"),
    "44": ("High Street", "Station Road", "Church Lane", "Park Avenue", "Mill Lane", "Victoria Road"),
}
NOTES = (
    "Cliente storico", "Richiamare dopo le 14", "Spricht Italienisch", "Consegna solo al mattino", "Prefers e-mail",
    "Contratto di manutenzione", "Rechnung an die Zentrale", "Ask for the workshop",
)  # fmt: skip
