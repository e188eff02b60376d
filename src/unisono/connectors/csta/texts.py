"""What the settings of a CSTA link are called and what they are for. English helps stand in the declaration."""

from collections.abc import Mapping

from unisono.connectors.manifest import Texts

_EN = {
    "host": ("Address", ""),
    "port": ("Port", ""),
    "tls": ("Encrypted", ""),
    "ca_file": ("Certificate authority", ""),
    "user": ("User", ""),
    "password": ("Password", ""),
    "edition": ("Edition", ""),
    "dialect": ("Dialect", ""),
    "switch_name": ("Name of the switch", ""),
    "application": ("Application", ""),
    "session_seconds": ("Length of a session (seconds)", ""),
    "silence_seconds": ("Silence (seconds)", ""),
    "answer_seconds": ("Answer within (seconds)", ""),
    "requests_at_once": ("Requests at once", ""),
}
_IT = {
    "host": ("Indirizzo", "Nome o indirizzo del servizio CSTA del centralino."),
    "port": ("Porta", "La sua porta: 8800 OpenScape Business, 4721 (TLS 4722) Avaya AES, 1040 altri."),
    "tls": ("Cifrato", "Cifra il collegamento e controlla il certificato del centralino."),
    "ca_file": (
        "Autorità di certificazione",
        "File con l'autorità che ha firmato il certificato del centralino, se non è tra quelle del sistema.",
    ),
    "user": ("Utente", "Nome utente dell'account CTI; vuoto: nessun accesso."),
    "password": ("Password", "Password dell'account CTI."),
    "edition": ("Edizione", "Edizione del protocollo; “auto” le offre tutte e prende quella scelta dal centralino."),
    "dialect": ("Dialetto", "“avaya” per Avaya AES (DMCC), altrimenti “standard”."),
    "switch_name": ("Nome dello switch", "Solo Avaya: nome del collegamento allo switch su AES."),
    "application": ("Applicazione", "Il nome con cui Unisono si presenta."),
    "session_seconds": ("Durata di una sessione (secondi)", "Durata di una sessione; viene rinnovata a metà."),
    "silence_seconds": (
        "Silenzio (secondi)",
        "Dopo quanti secondi di silenzio chiedere al centralino se c'è ancora.",
    ),
    "answer_seconds": ("Risposta entro (secondi)", "Quanto il centralino può impiegare a rispondere a una richiesta."),
    "requests_at_once": (
        "Richieste insieme",
        "Richieste inviate senza attendere ogni risposta mentre si preparano le linee.",
    ),
}
_DE = {
    "host": ("Adresse", "Name oder Adresse des CSTA-Dienstes der Anlage."),
    "port": ("Port", "Sein Port: 8800 OpenScape Business, 4721 (TLS 4722) Avaya AES, 1040 andere."),
    "tls": ("Verschlüsselt", "Die Verbindung verschlüsseln und das Zertifikat der Anlage prüfen."),
    "ca_file": (
        "Zertifizierungsstelle",
        "Datei mit der Stelle, die das Zertifikat der Anlage ausgestellt hat, falls sie dem System nicht bekannt ist.",
    ),
    "user": ("Benutzer", "Benutzername des CTI-Kontos; leer: keine Anmeldung."),
    "password": ("Kennwort", "Kennwort des CTI-Kontos."),
    "edition": ("Ausgabe", "Ausgabe des Protokolls; „auto“ bietet alle an und nimmt, was die Anlage wählt."),
    "dialect": ("Dialekt", "„avaya“ für Avaya AES (DMCC), sonst „standard“."),
    "switch_name": ("Name der Anlage", "Nur Avaya: Name der Switch-Verbindung auf dem AES."),
    "application": ("Anwendung", "Der Name, unter dem sich Unisono anmeldet."),
    "session_seconds": ("Dauer einer Sitzung (Sekunden)", "Dauer einer Sitzung; nach der Hälfte wird sie erneuert."),
    "silence_seconds": ("Stille (Sekunden)", "Nach wie vielen stillen Sekunden die Anlage gefragt wird, ob sie noch da ist."),
    "answer_seconds": ("Antwort innerhalb (Sekunden)", "Wie lange die Anlage für eine Antwort brauchen darf."),
    "requests_at_once": (
        "Anfragen auf einmal",
        "Anfragen, die beim Einrichten der Leitungen gesendet werden, ohne jede Antwort abzuwarten.",
    ),
}

TEXTS: Mapping[str, Texts] = {
    "en": Texts("A PBX by CSTA III XML over TCP.", _EN),
    "it": Texts("Un centralino con CSTA III XML su TCP.", _IT),
    "de": Texts("Eine Anlage mit CSTA III XML über TCP.", _DE),
}
