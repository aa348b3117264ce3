"""The figures and ledgers a second time, in plain SQL written from the domain sheet; without anything of ``app``.

For SQLite. A statement tells several figures where a person writing SQL by hand would read the table once for all of
them: it is also the floor of ``bench/bench_indicators.py``. A column ``A1`` is a numerator, ``A1_`` a denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

Run = Callable[[str, Mapping[str, Any]], list[Any]]
"""Run one statement with named parameters and return its rows as mappings."""

_WORKING = "('11','12','13','14','15','16','17','18')"
# Month counted from year 0 in which the statutory age is reached (domain sheet 4.8).
_RETIRES = """CASE WHEN {sex} = '2' AND {base} = '50' THEN {m} + 600 + min(60, max(0, ({m} - 23700 + 2) / 2))
  WHEN {sex} = '2' THEN {m} + 660 + min(36, max(0, ({m} - 23640 + 4) / 4))
  ELSE {m} + 720 + min(36, max(0, ({m} - 23580 + 4) / 4)) END"""
_BORN = "(CAST(substr(r.birth_date, 1, 4) AS INTEGER) * 12 + CAST(substr(r.birth_date, 6, 2) AS INTEGER) - 1)"
_AGED = (
    f"({_RETIRES.format(sex='r.sex', base='r.female_retire_base', m=_BORN)}"
    " >= CAST(substr(:last, 1, 4) AS INTEGER) * 12 + CAST(substr(:last, 6, 2) AS INTEGER) - 1"
    " AND r.birth_date <= date(:last, '-16 years'))"
)
_STATUS = """SELECT resident_id, to_status FROM (
  SELECT resident_id, to_status, row_number() OVER (PARTITION BY resident_id ORDER BY since DESC, id DESC) AS n
  FROM emp_status WHERE deleted_at IS NULL AND since < :until) WHERE n = 1"""
_PEOPLE = f"""people AS (
  SELECT r.id, coalesce(s.to_status, r.emp_status, '90') AS status, coalesce({_AGED}, 0) AS aged,
    coalesce(r.updated_at, r.created_at) >= :year_ago AS fresh, r.priority_groups LIKE '%"KG02"%' AS hard
  FROM resident r LEFT JOIN status s ON s.resident_id = r.id
  WHERE r.deleted_at IS NULL AND r.created_at < :end)"""
_DAY = "date({}, '+8 hours')"
_LIVE_SLIP = "f.deleted_at IS NULL AND f.state <> '60'"

FIGURES: tuple[str, ...] = (
    f"""WITH status AS ({_STATUS}), {_PEOPLE}
    SELECT count(*) A1, count(*) A9_, sum(fresh) A9, sum(hard) B4, sum(aged) A2,
      sum(aged AND status IN {_WORKING}) A3, sum(aged AND status IN ('21','22')) A4,
      sum(aged AND status IN ('23','24')) A5, sum(aged AND status IN ('31','32','33','34','35','39')) A6,
      sum(aged AND status = '90') A7, sum(aged AND status IN {_WORKING}) A8,
      sum(aged AND status IN {_WORKING[:-1]},'21','22','23','24')) A8_
    FROM people""",
    """SELECT sum(in_force) B1, sum(new) B2, sum(gone) B3, count(DISTINCT CASE WHEN in_force THEN person END) B8_,
      count(DISTINCT CASE WHEN in_force AND long THEN person END) B8,
      count(DISTINCT CASE WHEN in_force THEN person END) B9,
      count(DISTINCT CASE WHEN new OR at_start THEN person END) D5_
    FROM (SELECT resident_id AS person, reg_date < :until AND (dereg_date IS NULL OR dereg_date >= :until) AS in_force,
      reg_date < :first AND (dereg_date IS NULL OR dereg_date >= :first) AS at_start,
      reg_date >= :first AND reg_date < :until AS new,
      coalesce(dereg_date >= :first AND dereg_date < :until, 0) AS gone,
      reg_date <= date(:until, '-1 year') AS long FROM unemp_reg WHERE deleted_at IS NULL)""",
    f"""WITH status AS ({_STATUS}), {_PEOPLE} SELECT count(*) B9_ FROM (
      SELECT id FROM people WHERE aged AND status IN {_WORKING} UNION
      SELECT resident_id FROM unemp_reg WHERE deleted_at IS NULL AND reg_date < :until
        AND (dereg_date IS NULL OR dereg_date >= :until))""",
    f"""WITH lead AS (
      SELECT id, resident_id AS person, reg_date AS day FROM unemp_reg
        WHERE deleted_at IS NULL AND date(reg_date, '+5 days') >= :first AND date(reg_date, '+5 days') < :until
      UNION ALL SELECT id, resident_id, reg_date FROM registration WHERE deleted_at IS NULL
        AND source_channel IN ('01','06') AND date(reg_date, '+5 days') >= :first
        AND date(reg_date, '+5 days') < :until),
    waited AS (SELECT l.id, (SELECT min(day) FROM (
        SELECT {_DAY.format("issued_at")} AS day FROM referral f WHERE resident_id = l.person AND {_LIVE_SLIP}
          AND issued_at < :end
        UNION ALL SELECT {_DAY.format("visited_at")} FROM visit WHERE resident_id = l.person AND deleted_at IS NULL
          AND outcome IN ('01','02','08') AND visited_at < :end
        UNION ALL SELECT {_DAY.format("done_at")} FROM followup WHERE resident_id = l.person AND deleted_at IS NULL
          AND reached AND done_at < :end
        UNION ALL SELECT {_DAY.format("guided_at")} FROM guidance WHERE resident_id = l.person AND deleted_at IS NULL
          AND guided_at < :end
        UNION ALL SELECT {_DAY.format("told_at")} FROM policy_intro WHERE resident_id = l.person AND deleted_at IS NULL
          AND told_at < :end) WHERE day >= l.day) AS spoken, l.day FROM lead l)
    SELECT count(*) C1_, coalesce(sum(spoken <= date(day, '+5 days')), 0) C1, count(spoken) C2_,
      coalesce(sum(julianday(spoken) - julianday(day)), 0) C2 FROM waited""",
    f"""WITH due AS (SELECT id, resident_id AS person, reg_date AS day, date(reg_date, '+90 days') AS last
      FROM registration WHERE deleted_at IS NULL AND date(reg_date, '+90 days') >= :first
        AND date(reg_date, '+90 days') < :until),
    seen AS (SELECT d.id, v.services FROM due d JOIN visit v ON v.resident_id = d.person
      WHERE v.deleted_at IS NULL AND {_DAY.format("v.visited_at")} BETWEEN d.day AND d.last),
    parts AS (SELECT d.person,
      EXISTS (SELECT 1 FROM policy_intro p WHERE p.resident_id = d.person AND p.deleted_at IS NULL
        AND {_DAY.format("p.told_at")} BETWEEN d.day AND d.last)
        OR EXISTS (SELECT 1 FROM seen s WHERE s.id = d.id AND s.services LIKE '%"A"%') AS a,
      EXISTS (SELECT 1 FROM guidance g WHERE g.resident_id = d.person AND g.deleted_at IS NULL
        AND {_DAY.format("g.guided_at")} BETWEEN d.day AND d.last)
        OR EXISTS (SELECT 1 FROM seen s WHERE s.id = d.id AND s.services LIKE '%"B"%') AS b,
      (SELECT count(DISTINCT f.vacancy_id) FROM referral f WHERE f.resident_id = d.person AND {_LIVE_SLIP}
        AND {_DAY.format("f.issued_at")} BETWEEN d.day AND d.last) >= 3 AS c,
      EXISTS (SELECT 1 FROM enrolment e WHERE e.resident_id = d.person AND e.deleted_at IS NULL AND e.state <> '40'
        AND e.enrolled_on BETWEEN d.day AND d.last)
        OR EXISTS (SELECT 1 FROM seen s WHERE s.id = d.id
          AND (s.services LIKE '%"D"%' OR s.services LIKE '%"E"%')) AS d FROM due d)
    SELECT count(DISTINCT person) C3_, count(DISTINCT person) C3a_, count(DISTINCT person) C3b_,
      count(DISTINCT person) C3c_, count(DISTINCT person) C3d_,
      count(DISTINCT CASE WHEN a AND b AND c AND d THEN person END) C3, count(DISTINCT CASE WHEN a THEN person END) C3a,
      count(DISTINCT CASE WHEN b THEN person END) C3b, count(DISTINCT CASE WHEN c THEN person END) C3c,
      count(DISTINCT CASE WHEN d THEN person END) C3d FROM parts""",
    """SELECT count(DISTINCT coalesce(household_id, resident_id)) C5a, coalesce(sum(contact_way = '1'), 0) C5b_,
      coalesce(sum(contact_way = '1' AND outcome IN ('01','02')), 0) C5b
    FROM visit WHERE deleted_at IS NULL AND visited_at >= :start AND visited_at < :end""",
    f"""WITH days(n, longer) AS (VALUES (7, 0), (30, 0), (90, 0), (180, 1)), due AS (
      SELECT f.id, date(f.onboard_date, n || ' days') AS day FROM days JOIN referral f JOIN resident r
        ON r.id = f.resident_id WHERE {_LIVE_SLIP} AND f.outcome = '1' AND r.deleted_at IS NULL
        AND (NOT longer OR r.priority_groups LIKE '%"KG02"%' OR r.priority_groups LIKE '%"KG03"%')
        AND date(f.onboard_date, n || ' days') >= :first AND date(f.onboard_date, n || ' days') < :until
        AND NOT EXISTS (SELECT 1 FROM followup u WHERE u.origin_id = f.id AND u.deleted_at IS NULL
          AND u.still_employed = 0 AND u.done_at < :end AND u.due_on < date(f.onboard_date, n || ' days')
          AND {_DAY.format("u.done_at")} < date(f.onboard_date, n || ' days'))
      UNION ALL SELECT e.id, date(e.ended_on, n || ' days') FROM days JOIN enrolment e JOIN resident r
        ON r.id = e.resident_id WHERE n IN (30, 90) AND e.deleted_at IS NULL AND r.deleted_at IS NULL AND e.state = '50'
        AND date(e.ended_on, n || ' days') >= :first AND date(e.ended_on, n || ' days') < :until)
    SELECT count(*) C9_, coalesce(sum(EXISTS (SELECT 1 FROM followup u WHERE u.origin_id = due.id
      AND u.deleted_at IS NULL AND u.result IS NOT NULL AND u.done_at < :end
      AND (u.due_on >= due.day OR {_DAY.format("u.done_at")} >= due.day))), 0) C9 FROM due""",
    """SELECT count(*) C10a_, count(*) C10b_, coalesce(sum(review_state = '25'), 0) C10b,
      coalesce(sum(strftime('%s', reviewed_at) - strftime('%s', created_at)), 0) C10a
    FROM vacancy WHERE deleted_at IS NULL AND reviewed_at >= :start AND reviewed_at < :end""",
    f"""SELECT sum(f.valid_until >= :first AND f.valid_until < :until) C11_,
      sum(f.valid_until >= :first AND f.valid_until < :until AND coalesce(f.reply_at < :end, 0)) C11,
      sum(f.issued_at >= :start AND f.issued_at < :end) D1,
      coalesce(sum(f.reply_at >= :start AND f.reply_at < :end AND f.outcome NOT IN ('2','7')), 0) D2_,
      coalesce(sum(f.reply_at >= :start AND f.reply_at < :end AND f.outcome = '1'), 0) D2,
      count(DISTINCT CASE WHEN f.reply_at >= :start AND f.reply_at < :end AND f.outcome = '1'
        THEN f.resident_id END) D3_
    FROM referral f WHERE {_LIVE_SLIP}""",
    f"""WITH won AS (SELECT resident_id AS person, max(CASE WHEN reply_at >= :start THEN reply_at END) AS won,
        max(CASE WHEN reply_at < :start THEN reply_at END) AS earlier
      FROM referral f WHERE {_LIVE_SLIP} AND outcome = '1' AND reply_at < :end GROUP BY resident_id)
    SELECT count(*) D3 FROM won JOIN referral f ON f.resident_id = won.person
    WHERE {_LIVE_SLIP} AND f.issued_at <= won.won AND (earlier IS NULL OR f.issued_at > earlier)""",
    f"""SELECT count(DISTINCT CASE WHEN registered THEN person END) D4,
      count(DISTINCT CASE WHEN registered THEN person END) D5, count(DISTINCT CASE WHEN hard THEN person END) D6
    FROM (SELECT e.resident_id AS person, r.priority_groups LIKE '%"KG02"%' AS hard, EXISTS (
        SELECT 1 FROM unemp_reg u WHERE u.resident_id = e.resident_id AND u.deleted_at IS NULL AND u.reg_date <= e.since
        AND (u.dereg_date IS NULL OR u.dereg_date >= e.since)) AS registered
      FROM emp_status e LEFT JOIN resident r ON r.id = e.resident_id
      WHERE e.deleted_at IS NULL AND e.since >= :first AND e.since < :until AND e.to_status IN {_WORKING}
        AND (e.from_status IS NULL OR e.from_status NOT IN {_WORKING}))""",
    f"""WITH asked AS (SELECT f.resident_id AS person, max(u.there) AS there, max(u.gone) AS gone FROM referral f
      LEFT JOIN (SELECT u.origin_id,
          (u.still_employed = 1 AND (u.due_on >= q.day OR {_DAY.format("u.done_at")} >= q.day))
            OR (u.still_employed = 0 AND u.left_on > q.day) AS there,
          u.still_employed = 0 AND u.left_on <= q.day AS gone
        FROM followup u JOIN (SELECT id, date(onboard_date, '+90 days') AS day FROM referral) q ON q.id = u.origin_id
        WHERE u.deleted_at IS NULL AND u.reached AND u.done_at < :end) u ON u.origin_id = f.id
      WHERE {_LIVE_SLIP} AND f.outcome = '1' AND date(f.onboard_date, '+90 days') >= :first
        AND date(f.onboard_date, '+90 days') < :until GROUP BY f.id)
    SELECT count(DISTINCT CASE WHEN there THEN person END) D9,
      count(DISTINCT CASE WHEN there OR gone THEN person END) D9_,
      count(DISTINCT CASE WHEN NOT coalesce(there, 0) AND NOT coalesce(gone, 0) THEN person END) D9u FROM asked""",
    """SELECT count(*) D10a_, count(*) D10b_, coalesce(sum(e.state = '50'), 0) D10a, coalesce(sum(EXISTS (
      SELECT 1 FROM certificate c WHERE c.enrolment_id = e.id AND c.deleted_at IS NULL AND c.state <> '60'
      AND c.cert_type <> '6')), 0) D10b
    FROM enrolment e JOIN training_class k ON k.id = e.class_id WHERE e.deleted_at IS NULL AND e.state IN ('50','60')
      AND k.finished_on >= :first AND k.finished_on < :until""",
    f"""SELECT count(*) D10c_, coalesce(sum(EXISTS (SELECT 1 FROM emp_status s WHERE s.resident_id = e.resident_id
        AND s.deleted_at IS NULL AND s.to_status IN {_WORKING}
        AND s.since BETWEEN e.ended_on AND date(e.ended_on, '+90 days'))
      OR EXISTS (SELECT 1 FROM referral f WHERE f.resident_id = e.resident_id AND {_LIVE_SLIP} AND f.outcome = '1'
        AND f.onboard_date BETWEEN e.ended_on AND date(e.ended_on, '+90 days'))), 0) D10c
    FROM enrolment e JOIN resident r ON r.id = e.resident_id WHERE e.deleted_at IS NULL AND e.state = '50'
      AND date(e.ended_on, '+90 days') >= :first AND date(e.ended_on, '+90 days') < :until""",
    """SELECT count(DISTINCT person) D13a, count(DISTINCT person) D13c_, coalesce(sum(pay), 0) D13b,
      coalesce(sum(pay), 0) D13c FROM (
      SELECT resident_id AS person, 0 AS pay FROM craft_assign
        WHERE deleted_at IS NULL AND taken_on >= :first AND taken_on < :until
      UNION ALL SELECT resident_id, pay_due FROM craft_delivery
        WHERE deleted_at IS NULL AND delivered_on >= :first AND delivered_on < :until)""",
    """SELECT count(*) D15_, coalesce(sum(points >= 4), 0) D15 FROM (
      SELECT satisfaction AS points FROM followup WHERE deleted_at IS NULL AND done_at >= :start AND done_at < :end
      UNION ALL SELECT satisfaction FROM guidance WHERE deleted_at IS NULL AND guided_at >= :start AND guided_at < :end)
    WHERE points IS NOT NULL""",
    f"""SELECT count(*) D16 FROM (
      SELECT resident_id, {_DAY.format("told_at")} FROM policy_intro
        WHERE deleted_at IS NULL AND told_at >= :start AND told_at < :end
      UNION SELECT resident_id, {_DAY.format("visited_at")} FROM visit
        WHERE deleted_at IS NULL AND visited_at >= :start AND visited_at < :end AND services LIKE '%"A"%')""",
)

_BY_INSTANT = "deleted_at IS NULL AND {0} >= :start AND {0} < :end"
LEDGERS: Mapping[str, str] = {
    "L01": "SELECT id, sex FROM resident WHERE deleted_at IS NULL AND created_at < :end",
    "L02": "SELECT id, person_class FROM registration WHERE deleted_at IS NULL AND reg_date >= :first"
    " AND reg_date < :until",
    "L03": """SELECT id, CASE WHEN reg_date >= :first AND dereg_date < :until THEN '登记并注销'
      WHEN reg_date >= :first THEN '新登记' WHEN dereg_date < :until THEN '注销' ELSE '在册' END AS change
      FROM unemp_reg WHERE deleted_at IS NULL AND reg_date < :until AND (dereg_date IS NULL OR dereg_date >= :first)""",
    "L04": f"""SELECT v.id, (SELECT count(*) FROM referral f WHERE f.vacancy_id = v.id AND f.outcome = '1'
      AND f.deleted_at IS NULL) AS hired FROM vacancy v WHERE v.{_BY_INSTANT.format("created_at")}""",
    "L05": f"SELECT id, review_state AS result FROM vacancy WHERE {_BY_INSTANT.format('reviewed_at')}",
    "L06": """SELECT id, outcome FROM referral WHERE deleted_at IS NULL AND ((issued_at >= :start AND issued_at < :end)
      OR (reply_at >= :start AND reply_at < :end))""",
    "L07": f"SELECT id, duration_min AS minutes FROM guidance WHERE {_BY_INSTANT.format('guided_at')}",
    "L08": f"SELECT id, way FROM policy_intro WHERE {_BY_INSTANT.format('told_at')}",
    "L09": f"SELECT id, outcome FROM visit WHERE {_BY_INSTANT.format('visited_at')}",
    "L10": f"SELECT id, result FROM followup WHERE {_BY_INSTANT.format('done_at')}",
    "L16": """SELECT e.id, (SELECT to_status FROM emp_status s WHERE s.resident_id = e.resident_id
      AND s.deleted_at IS NULL AND s.since >= k.finished_on ORDER BY s.since, s.id LIMIT 1) AS "after"
      FROM enrolment e JOIN training_class k ON k.id = e.class_id WHERE e.deleted_at IS NULL
      AND ((e.enrolled_on >= :first AND e.enrolled_on < :until) OR (k.finished_on >= :first AND k.finished_on < :until)
        OR (k.opened_on < :until AND (k.finished_on IS NULL OR k.finished_on >= :first)))""",
    "L18": """SELECT a.id, (SELECT coalesce(sum(pay_due), 0) FROM craft_delivery d WHERE d.assign_id = a.id
      AND d.deleted_at IS NULL AND d.delivered_on < :until) AS pay_due FROM craft_assign a WHERE a.deleted_at IS NULL
      AND ((a.taken_on >= :first AND a.taken_on < :until) OR a.id IN (SELECT assign_id FROM craft_delivery
        WHERE deleted_at IS NULL AND delivered_on >= :first AND delivered_on < :until))""",
    "L25": f"""SELECT id, why FROM service_event WHERE {_BY_INSTANT.format("happened_at")}
      UNION ALL SELECT id, why FROM slip_print WHERE {_BY_INSTANT.format("printed_at")}""",
}
"""Of each ledger: the id of every row and one column that is computed, or tells the rows apart."""

_QUALIFIED = """({0}.certs LIKE '%"type":"1"%' OR {0}.certs LIKE '%"type": "1"%' OR {0}.certs LIKE '%"type":"2"%'
  OR {0}.certs LIKE '%"type": "2"%' OR EXISTS (SELECT 1 FROM certificate c WHERE c.resident_id = {1}
  AND c.cert_type IN ('1','2') AND c.state <> '60' AND c.deleted_at IS NULL AND c.issued_on < :until))"""
_KINDS = """count(DISTINCT CASE WHEN female THEN person END), count(DISTINCT CASE WHEN class = '6' THEN person END),
  count(DISTINCT CASE WHEN class IN ('1','3','4') THEN person END),
  count(DISTINCT CASE WHEN qualified THEN person END)"""
MONTHLY: tuple[str, ...] = (
    f"SELECT station_code, sum(openings) FROM vacancy WHERE {_BY_INSTANT.format('created_at')} GROUP BY station_code",
    f"""SELECT station, count(DISTINCT person), {_KINDS} FROM (
      SELECT g.station_code AS station, g.resident_id AS person, r.sex = '2' AS female, g.person_class AS class,
        {_QUALIFIED.format("g", "g.resident_id")} AS qualified
      FROM registration g LEFT JOIN resident r ON r.id = g.resident_id
      WHERE g.deleted_at IS NULL AND g.reg_date >= :first AND g.reg_date < :until) GROUP BY station""",
    f"""SELECT station_code, count(DISTINCT resident_id) FROM guidance WHERE {_BY_INSTANT.format("guided_at")}
      GROUP BY station_code""",
    f"""SELECT station, count(DISTINCT person), {_KINDS} FROM (
      SELECT f.station_code AS station, f.resident_id AS person, r.sex = '2' AS female, g.person_class AS class,
        {_QUALIFIED.format("g", "f.resident_id")} AS qualified
      FROM referral f LEFT JOIN resident r ON r.id = f.resident_id LEFT JOIN registration g ON g.id = f.registration_id
      WHERE {_LIVE_SLIP} AND f.outcome = '1' AND f.reply_at >= :start AND f.reply_at < :end) GROUP BY station""",
)
"""The monthly table by station: 招聘; 求职 and its four 其中; 指导; 成功 and its four."""


def parameters(first: date, until: date) -> dict[str, str]:
    """Return the bounds of a period as the database writes them: days, and instants in UTC."""
    last_year = until.replace(year=until.year - 1)
    instants = {"start": first, "end": until, "year_ago": last_year}
    days = {"first": first, "until": until, "last": until - timedelta(days=1)}
    return {
        **{name: str(day) for name, day in days.items()},
        **{
            name: f"{datetime(day.year, day.month, day.day) - timedelta(hours=8):%Y-%m-%d %H:%M:%S.%f}"
            for name, day in instants.items()
        },
    }


def figures(run: Run, first: date, until: date) -> dict[str, tuple[int, int | None]]:
    """Return every figure: numerator, and denominator or None."""
    told: dict[str, int] = {}
    for statement in FIGURES:
        (row,) = run(statement, parameters(first, until))
        told.update({name: int(value or 0) for name, value in dict(row).items()})
    codes = [name for name in told if not name.endswith("_")]
    return {code: (told[code], told.get(f"{code}_")) for code in codes}


def monthly(run: Run, first: date, until: date) -> dict[str, tuple[int, ...]]:
    """Return the monthly table: station → its twelve figures, of stations that have any."""
    found: dict[str, list[int]] = {}
    at = 0
    for statement, width in zip(MONTHLY, (1, 5, 1, 5), strict=True):
        for row in run(statement, parameters(first, until)):
            station, *values = tuple(row.values()) if isinstance(row, dict) else tuple(row)
            found.setdefault(str(station), [0] * 12)[at : at + width] = [int(value or 0) for value in values]
        at += width
    return {station: tuple(values) for station, values in found.items()}
