"""What the settings of an Asterisk link are called and what they are for. English helps stand in the declaration."""

from collections.abc import Mapping

from unisono.connectors.manifest import Texts

_EN = {
    "host": ("Address", ""),
    "user": ("User", ""),
    "password": ("Password", ""),
    "port": ("Port", ""),
    "tls": ("Encrypted", ""),
    "ca_file": ("Certificate authority", ""),
    "challenge": ("Challenge", ""),
    "trunks": ("Trunks", ""),
    "technology": ("Technology", ""),
    "context": ("Context", ""),
    "originate_seconds": ("Own telephone rings (seconds)", ""),
    "consultation": ("Consultation", ""),
    "conference_extension": ("Conference extension", ""),
    "parking_lot": ("Parking lot", ""),
    "dnd_key": ("Do not disturb: key", ""),
    "dnd_value": ("Do not disturb: value", ""),
    "dnd_state": ("Do not disturb: device state", ""),
    "forward_key": ("Forwarding always: key", ""),
    "forward_busy_key": ("Forwarding when busy: key", ""),
    "forward_no_answer_key": ("Forwarding when not answered: key", ""),
    "heartbeat_seconds": ("Test of the link (seconds)", ""),
    "resync_seconds": ("Reading again (seconds)", ""),
}
_IT = {
    "host": ("Indirizzo", "Indirizzo del server Asterisk."),
    "user": ("Utente", "Nome della sezione in manager.conf."),
    "password": ("Password", "Il suo `secret`."),
    "port": ("Porta", "Porta dell'interfaccia manager; con TLS di solito 5039."),
    "tls": ("Cifrato", "Cifra il collegamento (`tlsenable` in manager.conf)."),
    "ca_file": ("Autorità di certificazione", "Autorità del certificato del server, se non è pubblica."),
    "challenge": ("Challenge", "Accesso con challenge MD5, così la password non viene inviata."),
    "trunks": ("Linee esterne", "Nomi degli endpoint che sono linee esterne. Vuoto: riconosciute da sole."),
    "technology": ("Tecnologia", "Tecnologia dei canali dei telefoni non ancora noti."),
    "context": ("Contesto", "Contesto del piano di numerazione in cui compongono i nostri utenti."),
    "originate_seconds": ("Squillo del proprio telefono (secondi)", "Quanto squilla il proprio telefono quando si compone."),
    "consultation": ("Richiamata", "Come consultare: `atxfer` con Asterisk, `phone` con una seconda chiamata."),
    "conference_extension": (
        "Interno di conferenza",
        "Interno che esegue ConfBridge, per esempio 8{ext}. Vuoto: nessuna conferenza con un clic.",
    ),
    "parking_lot": ("Parcheggio", "Nome del parcheggio; vuoto: quello predefinito."),
    "dnd_key": ("Non disturbare: chiave", "Famiglia/chiave AstDB di non disturbare."),
    "dnd_value": ("Non disturbare: valore", "Il suo valore quando è attivo."),
    "dnd_state": ("Non disturbare: stato", "Stato di dispositivo impostato insieme; vuoto: nessuno."),
    "forward_key": ("Deviazione sempre: chiave", "Famiglia/chiave AstDB della deviazione incondizionata."),
    "forward_busy_key": ("Deviazione se occupato: chiave", "Famiglia/chiave AstDB della deviazione su occupato."),
    "forward_no_answer_key": (
        "Deviazione se non risponde: chiave",
        "Famiglia/chiave AstDB della deviazione su mancata risposta.",
    ),
    "heartbeat_seconds": ("Prova del collegamento (secondi)", "Ogni quanto il collegamento viene provato."),
    "resync_seconds": ("Rilettura (secondi)", "Ogni quanto tutte le chiamate vengono rilette."),
}
_DE = {
    "host": ("Adresse", "Adresse des Asterisk-Servers."),
    "user": ("Benutzer", "Name des Abschnitts in manager.conf."),
    "password": ("Kennwort", "Sein `secret`."),
    "port": ("Port", "Port der Manager-Schnittstelle; bei TLS meist 5039."),
    "tls": ("Verschlüsselt", "Die Verbindung verschlüsseln (`tlsenable` in manager.conf)."),
    "ca_file": ("Zertifizierungsstelle", "Stelle, die das Zertifikat des Servers ausgestellt hat, falls keine öffentliche."),
    "challenge": ("Challenge", "Anmeldung mit MD5-Challenge, damit das Kennwort nicht übertragen wird."),
    "trunks": ("Amtsleitungen", "Namen der Endpunkte, die Amtsleitungen sind. Leer: sie werden von selbst erkannt."),
    "technology": ("Technologie", "Kanaltechnologie von Telefonen, die noch nicht bekannt sind."),
    "context": ("Kontext", "Kontext des Wählplans, in dem unsere Benutzer wählen."),
    "originate_seconds": ("Eigenes Telefon klingelt (Sekunden)", "Wie lange beim Wählen das eigene Telefon klingelt."),
    "consultation": ("Rückfrage", "Wie rückgefragt wird: `atxfer` durch Asterisk, `phone` durch ein zweites Gespräch."),
    "conference_extension": (
        "Konferenz-Nebenstelle",
        "Nebenstelle, die ConfBridge ausführt, etwa 8{ext}. Leer: keine Konferenzen per Klick.",
    ),
    "parking_lot": ("Parkplatz", "Name des Parkplatzes; leer: der voreingestellte."),
    "dnd_key": ("Nicht stören: Schlüssel", "AstDB-Familie/Schlüssel für Nicht stören."),
    "dnd_value": ("Nicht stören: Wert", "Sein Wert, wenn es eingeschaltet ist."),
    "dnd_state": ("Nicht stören: Gerätezustand", "Gerätezustand, der mitgesetzt wird; leer: keiner."),
    "forward_key": ("Umleitung immer: Schlüssel", "AstDB-Familie/Schlüssel der ständigen Umleitung."),
    "forward_busy_key": ("Umleitung bei besetzt: Schlüssel", "AstDB-Familie/Schlüssel der Umleitung bei besetzt."),
    "forward_no_answer_key": (
        "Umleitung bei Nichtmelden: Schlüssel",
        "AstDB-Familie/Schlüssel der Umleitung bei Nichtmelden.",
    ),
    "heartbeat_seconds": ("Prüfen der Verbindung (Sekunden)", "Wie oft die Verbindung geprüft wird."),
    "resync_seconds": ("Neu einlesen (Sekunden)", "Wie oft alle Anrufe neu gelesen werden."),
}

TEXTS: Mapping[str, Texts] = {
    "en": Texts("One Asterisk. Templates hold `{ext}` where the extension goes.", _EN),
    "it": Texts("Un Asterisk. I modelli contengono `{ext}` dove va l'interno.", _IT),
    "de": Texts("Ein Asterisk. In Vorlagen steht `{ext}` für die Nebenstelle.", _DE),
}
