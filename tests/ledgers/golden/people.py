"""The forty people of the golden month: number, name, sex, day of birth, day of the file, status, groups."""

from dataclasses import dataclass
from typing import Any

from tests.factories import fictional_id


@dataclass(frozen=True)
class Person:
    """One fictional person. ``base``: a woman's base of retirement, where known."""

    key: str
    name: str
    sex: str
    born: str
    filed: str
    status: str | None
    groups: tuple[str, ...] = ()
    base: str | None = None

    def values(self, number: int) -> dict[str, Any]:
        """Return what her form holds beyond the usual."""
        sequence = 998 if self.sex == "F" else 997 if number % 2 else 999
        return {
            "name": self.name,
            "id_no": fictional_id(self.born.replace("-", ""), sequence),
            "mobile": f"1990000{number:04d}",
            "emp_status": self.status,
            "priority_groups": [{"code": code} for code in self.groups],
            "female_retire_base": self.base,
        }


AUTUMN, MAY, LAST_YEAR, SUMMER = "2026-11-02 09:00", "2026-05-04 09:00", "2025-11-15 09:00", "2026-08-20 09:00"
LAST_MINUTE, NEW_YEAR = "2026-12-31 23:59", "2027-01-01 00:00"

FIRST_STATION = (
    Person("P01", "沈以安", "M", "1980-06-14", AUTUMN, "22"),
    Person("P02", "葛守成", "M", "1985-02-18", LAST_YEAR, "11"),
    Person("P03", "冯巧云", "F", "1990-04-25", LAST_YEAR, "11"),
    Person("P04", "姚景行", "M", "1975-08-11", MAY, "22", ("KG02",)),
    Person("P05", "毛立根", "M", "1966-07-20", SUMMER, "22"),
    Person("P06", "钱长庚", "M", "1966-06-20", AUTUMN, "18"),
    Person("P07", "金小满", "M", "2010-12-31", AUTUMN, "31"),
    Person("P08", "陆小寒", "M", "2011-01-01", AUTUMN, "31"),
    Person("P09", "郑阿菊", "F", "1976-04-10", SUMMER, "22", base="50"),
    Person("P10", "顾念真", "F", "1971-11-20", SUMMER, "34"),
    Person("P11", "周素琴", "F", "1976-03-15", AUTUMN, "35", base="50"),
    Person("P12", "徐家宝", "M", "1995-01-19", NEW_YEAR, "11"),
    Person("P13", "陆知夏", "F", "2001-09-02", LAST_MINUTE, "90", ("KG02",)),
    Person("P14", "钱望舒", "M", "1988-06-21", AUTUMN, "11", ("KG02",)),
    Person("P15", "李向阳", "M", "1979-03-03", AUTUMN, None),
    Person("P16", "王见深", "M", "2002-03-17", SUMMER, "22"),
    Person("P17", "何采薇", "F", "1993-05-06", AUTUMN, "24"),
    Person("P18", "孙长林", "M", "1974-10-01", SUMMER, "22"),
    Person("P19", "吴秋白", "F", "1986-12-12", AUTUMN, "22"),
    Person("P20", "林静好", "F", "1999-07-07", AUTUMN, "22"),
    Person("P21", "赵有田", "M", "1983-01-30", AUTUMN, "22"),
    Person("P22", "黄令仪", "F", "1991-02-11", AUTUMN, "22"),
    Person("P23", "朱怀远", "M", "1987-09-19", AUTUMN, "22"),
    Person("P24", "蒋春生", "M", "1978-08-08", AUTUMN, "22"),
    Person("P25", "韩立夏", "M", "1984-04-04", SUMMER, "22"),
    Person("P26", "杨晚晴", "F", "1989-11-11", SUMMER, "22"),
    Person("P27", "秦守拙", "M", "1977-07-17", SUMMER, "22"),
    Person("P28", "许若谷", "M", "1992-06-06", SUMMER, "22"),
    Person("P29", "曹知行", "M", "1981-10-10", SUMMER, "22"),
    Person("P30", "严素心", "F", "1994-12-01", AUTUMN, "22"),
    Person("P31", "魏大成", "M", "1990-01-05", AUTUMN, "22"),
    Person("P32", "陶映月", "F", "1991-03-23", AUTUMN, "22"),
    Person("P33", "姜思齐", "F", "2003-08-30", AUTUMN, "22"),
    Person("P34", "戚望舒", "F", "2004-02-29", AUTUMN, "22"),
    Person("P35", "谢临风", "M", "1982-05-15", AUTUMN, "22"),
    Person("P36", "邹平野", "M", "1985-10-25", SUMMER, "22"),
)
SECOND_STATION = (
    Person("P37", "喻子衿", "M", "1996-04-18", AUTUMN, "22"),
    Person("P38", "柏言秋", "F", "1988-10-08", AUTUMN, "22"),
    Person("P39", "水长东", "M", "1979-09-29", AUTUMN, "11"),
    Person("P40", "窦星河", "F", "2005-06-18", AUTUMN, "31"),
)
