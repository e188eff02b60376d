"""How many numbers a second are read on one core: the project's normalising, and libphonenumber alone.

    python bench/number_engine.py [--rows N]

Every number is new, so that nothing is remembered. Prints JSON; times are CPU seconds of this process.
"""

import argparse
import json
import random
import resource
import time

import phonenumbers

from unisono.numbers import Direction, Location, dial, normalise

AREAS = {"IT": ["0432", "02", "06", "011", "347", "338"], "DE": ["089", "030", "0711", "0171"], "GB": ["020", "0161", "07700"]}
CODES = {"IT": "39", "DE": "49", "GB": "44"}
SITES = {
    "IT": Location.simple("Udine", "IT", "0432", trunk="5566", ranges=["100-699"], outside="0"),
    "DE": Location.simple("Munich", "DE", "89", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3),
    "GB": Location.simple("London", "GB", "20", trunk="7946", ranges=["0100-0999"], outside="9"),
}


def written(random_: random.Random, region: str) -> str:
    """A number as people write it, in one of eight forms."""
    area, code = random_.choice(AREAS[region]), CODES[region]
    subscriber = str(random_.randrange(1_000_000, 9_999_999))
    significant = area if region == "IT" else area.removeprefix("0")
    forms = (
        f"{area} {subscriber}", f"{area}/{subscriber}", f"({area}) {subscriber}", f"{area}{subscriber}",
        f"+{code} ({significant}) {subscriber}", f"00{code} {significant} {subscriber}", f"+{code}{significant}{subscriber}",
        f"Tel. {area} {subscriber[:3]} {subscriber[3:]}",
    )  # fmt: skip
    return random_.choice(forms)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    random_ = random.Random(1)
    regions = [random_.choice(list(SITES)) for _ in range(rows)]
    texts = [written(random_, region) for region in regions]
    reported = [f"0{random_.choice(('089', '0432', '0039'))}{random_.randrange(10**6, 10**7)}" for _ in range(rows)]

    def seconds(work: object) -> float:
        started = time.process_time()
        assert callable(work)
        work()
        return time.process_time() - started

    stored = seconds(lambda: [normalise(t, SITES[r], Direction.STORED) for t, r in zip(texts, regions, strict=True)])
    incoming = seconds(lambda: [normalise(t, SITES["DE"], Direction.IN) for t in reported])
    again = seconds(lambda: [normalise("0030123456", SITES["DE"], Direction.IN) for _ in range(rows)])
    dialled = seconds(lambda: [dial(t, SITES["IT"]) for t in texts[: rows // 5]])
    library = seconds(
        lambda: [
            phonenumbers.format_number(phonenumbers.parse(t, r), phonenumbers.PhoneNumberFormat.E164)
            for t, r in zip(texts, regions, strict=True)
        ]
    )
    print(
        json.dumps(
            {
                "normalise_per_s": round(rows / stored),
                "normalise_reported_per_s": round(rows / incoming),
                "normalise_remembered_per_s": round(rows / again),
                "dial_per_s": round(rows / 5 / dialled),
                "libphonenumber_per_s": round(rows / library),
                "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "rows": rows,
            }
        )
    )


if __name__ == "__main__":
    main()
