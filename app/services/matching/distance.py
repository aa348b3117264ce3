"""Distance between two places: great circle, detour, 15-minute circle, and the datum that coordinates are in.

Domestic maps use GCJ-02, GPS gives WGS-84: 100–700 m apart. Everything is turned into GCJ-02 once, on preparing.
"""

from math import asin, atan2, cos, pi, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
DETOUR = 1.3
"""Streets are this much longer than the straight line."""

WALK_KMH, CYCLE_KMH = 4.0, 12.0
WALK_CIRCLE_M, CYCLE_CIRCLE_M = 1000.0, 3000.0

Spot = tuple[float, float, float]
"""A place as a unit vector: the distance of two is one subtraction away."""


def haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the straight line over the globe in metres, of degrees in one datum."""
    half_lat = radians(lat2 - lat1) / 2
    half_lon = radians(lon2 - lon1) / 2
    root = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(root)))


def spot(lat: float, lon: float, datum: str = "GCJ02") -> Spot:
    """Prepare a place for comparing; ``datum`` is WGS84, GCJ02 or BD09.

    Raises:
        ValueError: unknown datum, or degrees off the globe.
    """
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"not on the globe: {lat}, {lon}")
    lat, lon = to_gcj02(lat, lon, datum)
    phi, lam = radians(lat), radians(lon)
    return cos(phi) * cos(lam), cos(phi) * sin(lam), sin(phi)


def path_m(here: Spot, there: Spot) -> float:
    """Return the estimated way in metres: great circle times the detour factor."""
    return path_of_chord(chord2(here, there))


def chord2(here: Spot, there: Spot) -> float:
    """Return the squared chord between two places: it grows with the distance and costs no trigonometry."""
    x, y, z = here[0] - there[0], here[1] - there[1], here[2] - there[2]
    return x * x + y * y + z * z


def path_of_chord(square: float) -> float:
    """Return the estimated way of a squared chord between unit vectors."""
    return 2 * DETOUR * EARTH_RADIUS_M * asin(min(1.0, sqrt(square) / 2))


def chord_of_path(path: float) -> float:
    """Return the squared chord of a way: the inverse of ``path_of_chord``."""
    return float((2 * sin(min(pi / 2, path / (2 * DETOUR * EARTH_RADIUS_M)))) ** 2)


def circle(metres: float) -> str:
    """Return "walk", "cycle" or "beyond": in which 15-minute circle a way ends."""
    if metres <= WALK_CIRCLE_M:
        return "walk"
    return "cycle" if metres <= CYCLE_CIRCLE_M else "beyond"


def minutes(metres: float, speed_kmh: float) -> int:
    """Return whole minutes for a way, at least one."""
    return max(1, round(metres * 60 / (speed_kmh * 1000)))


def to_gcj02(lat: float, lon: float, datum: str) -> tuple[float, float]:
    """Return the place in GCJ-02.

    Raises:
        ValueError: unknown datum.
    """
    name = datum.upper().replace("-", "")
    if name == "GCJ02":
        return lat, lon
    if name == "WGS84":
        return _shift_wgs84(lat, lon)
    if name == "BD09":
        return _unshift_bd09(lat, lon)
    raise ValueError(f"unknown datum {datum!r}, one of: WGS84, GCJ02, BD09")


_AXIS, _ECCENTRICITY2 = 6_378_245.0, 0.006_693_421_622_965_943


def _shift_wgs84(lat: float, lon: float) -> tuple[float, float]:
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lat, lon  # the shift is applied in China only
    x, y = lon - 105.0, lat - 35.0
    waves = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    phi = radians(lat)
    curve = 1 - _ECCENTRICITY2 * sin(phi) ** 2
    north_deg = north * 180 / (_AXIS * (1 - _ECCENTRICITY2) / (curve * sqrt(curve)) * pi)
    east_deg = east * 180 / (_AXIS / sqrt(curve) * cos(phi) * pi)
    return lat + north_deg, lon + east_deg


def _unshift_bd09(lat: float, lon: float) -> tuple[float, float]:
    step = pi * 3000.0 / 180.0
    x, y = lon - 0.0065, lat - 0.006
    radius = sqrt(x * x + y * y) - 0.00002 * sin(y * step)
    angle = atan2(y, x) - 0.000003 * cos(x * step)
    return radius * sin(angle), radius * cos(angle)
