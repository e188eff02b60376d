"""The demo firm's switch: its telephones, queue, hunt group, mailbox and park slots, and as many more as a load test needs."""

from unisono.demo import firm
from unisono.demo.pbx.model import Category, Device, Options, Strategy
from unisono.demo.pbx.numbering import NumberFormat, Numbering, Site
from unisono.demo.pbx.switch import Switch

FIRST_LOAD_EXTENSION = 1_000


def numbering(number_format: NumberFormat = NumberFormat.DIALLED) -> Numbering:
    """The firm's sites as the switch needs them."""
    sites = tuple(
        Site(
            site.name,
            site.country_code,
            site.area_code,
            f"{site.e164[1:]}",
            national="" if site.country == "IT" else "0",
            outside=firm.OUTSIDE,
        )
        for site in firm.SITES
    )
    return Numbering(sites, number_format)


def devices() -> list[Device]:
    """Everything that hangs on the switch; people in one group at one site may pick up for each other."""
    found = [
        Device(
            person.extension,
            person.name,
            site=person.site,
            pickup_group=f"{person.group} {person.site}",
            mailbox=firm.VOICEMAIL,
            no_answer=25.0,
        )
        for person in firm.PEOPLE
    ]
    service = tuple(person.extension for person in firm.members(firm.SERVICE))
    export = tuple(p.extension for p in firm.members(firm.EXPORT) if p.extension not in firm.LEFT_TO_PEOPLE)
    found += [
        Device(
            firm.QUEUE.number,
            firm.QUEUE.name,
            Category.ACD,
            firm.QUEUE.site,
            members=service,
            strategy=Strategy.LONGEST_IDLE,
            overflow=firm.VOICEMAIL,
        ),
        Device(
            firm.HUNT_GROUP.number,
            firm.HUNT_GROUP.name,
            Category.GROUP,
            firm.HUNT_GROUP.site,
            members=export,
            strategy=Strategy.RING_ALL,
            max_wait=40.0,
            overflow=firm.VOICEMAIL,
        ),
        Device(firm.VOICEMAIL, "Voicemail", Category.VOICE, firm.QUEUE.site),
    ]
    return found + [Device(slot, f"Park {slot}", Category.PARK, firm.QUEUE.site) for slot in firm.PARK_SLOTS]


def load_extensions(count: int) -> tuple[str, ...]:
    """The extensions that a load test uses."""
    return tuple(str(FIRST_LOAD_EXTENSION + number) for number in range(count))


def build(options: Options, number_format: NumberFormat = NumberFormat.DIALLED, extensions: int = 0) -> Switch:
    """The firm's switch with so many further extensions."""
    switch = Switch(numbering(number_format), options)
    switch.add(*devices())
    switch.add(*(Device(number, f"Load {number}", site=firm.QUEUE.site) for number in load_extensions(extensions)))
    return switch
