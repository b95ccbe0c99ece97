"""Reads one JSON document per line and answers "good" or "bad" by python3-jsonschema, formats checked by Python's own means."""
import ipaddress
import json
import re
import sys

import jsonschema

checker = jsonschema.FormatChecker(formats=())


def text(check):
    return lambda value: not isinstance(value, str) or bool(check(value))


def succeeds(parse):
    def check(value):
        try:
            return bool(parse(value))
        except ValueError:
            return False
    return check


def address(value):
    return "%" not in value and not ipaddress.ip_address(value).is_unspecified


def cidr(value):
    return re.fullmatch(r"[^%]+/[0-9]+", value) and ipaddress.ip_network(value, strict=True) is not None


def selector(value):
    if re.fullmatch(r"dynamic(?:\[[a-z0-9/-]+\])?", value):
        return True
    match = re.fullmatch(r"([0-9a-fA-F:.]+(?:/[0-9]+)?)(?:-([0-9a-fA-F:.]+))?(?:\[[a-z0-9/-]+\])?", value)
    if not match:
        return False
    if match[2]:
        return ipaddress.ip_address(match[1]) <= ipaddress.ip_address(match[2])
    return ipaddress.ip_network(match[1], strict=True) is not None


PING = r"(no )?ping \S+ -> \S+( at [0-9a-fA-F.:]+)?( size [0-9]{1,4})?( count [1-9][0-9]{0,2})?"
FETCH = r"(no )?fetch \S+ -> \S+( at [0-9a-fA-F.:]+)?( size [0-9]{1,8})?"
TUNNEL = r"tunnel \S+ (is up|fails( [a-z0-9]+(-[a-z0-9]+)*)?)"
FORMATS = {
    "name": lambda value: re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", value),
    "cidr": succeeds(cidr),
    "ip": succeeds(address),
    "ipv4": succeeds(lambda value: address(value) and ipaddress.ip_address(value).version == 4),
    "duration": lambda value: re.fullmatch("".join(rf"([0-9]+(\.[0-9]+)?{unit})?" for unit in ("d", "h", "m", "s", "ms")), value) and value,
    "port-range": lambda value: re.fullmatch(r"[0-9]+-[0-9]+", value) and 1 <= int(value.split("-")[0]) <= int(value.split("-")[1]) <= 65535,
    "percent": lambda value: re.fullmatch(r"[0-9]+(\.[0-9]+)?%", value) and float(value[:-1]) <= 100,
    "identity": lambda value: value and value.isprintable(),
    "selector": succeeds(selector),
    "dns-name": lambda value: len(value) <= 253 and not value[-1:].isdigit()
    and all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", label) for label in value.split(".")),
    "pool-addresses": succeeds(lambda value: "[" not in value and "dynamic" not in value and selector(value)),
    "virtual-ip": succeeds(lambda value: "%" not in value and ipaddress.ip_address(value) is not None),
    "gateway": lambda value: re.fullmatch(r"[0-9a-fA-F:.]+|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", value),
    "peer-address": succeeds(lambda value: value == "any" or ipaddress.ip_network(value, strict=True) is not None),
    "expectation": lambda value: re.fullmatch(f"{PING}|{FETCH}|{TUNNEL}", value),
}
for name, check in FORMATS.items():
    checker.checks(name)(text(check))

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
for line in sys.stdin:
    print("good" if validator.is_valid(json.loads(line)) else "bad")
