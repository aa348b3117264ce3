"""``lan`` and ``packet``: the same work by other roads than the district's address."""

import argparse
import threading

from app.commands.person import opened_counter
from app.sync.carrying import make_packet, take_packet
from app.sync.lan import LanExchange, LanStatus
from app.sync.packet import ANSWER
from app.texts import _


def run_lan_offer(options: argparse.Namespace) -> int:
    """Wait for the station's other counters until nobody came for half an hour, or it is stopped."""
    with opened_counter(options) as counter:
        exchange = LanExchange(counter.database, host=options.host)
        over = threading.Event()
        seen = [exchange.status()]

        def tell(status: LanStatus) -> None:
            before, seen[0] = seen[0], status
            if (status.last_at, status.error) != (before.last_at, before.error):
                _say(status)
            if before.offering and not status.offering:
                over.set()

        exchange.on_change.append(tell)
        print(
            _("连接码 {code}：在另一台上输入，或直接点“同站交换”。按 Ctrl+C 结束", code=exchange.offer(options.port)),
            flush=True,
        )
        try:
            over.wait()
        finally:
            exchange.stop()
    return 0


def _say(status: LanStatus) -> None:
    if status.error is not None:
        print(status.error[1], flush=True)
    elif status.last_device is not None:
        print(
            _(
                "和 {device} 交换过：共收到 {n} 笔，送出 {m} 笔",
                device=status.last_device,
                n=status.received,
                m=status.sent,
            ),
            flush=True,
        )


def run_lan_join(options: argparse.Namespace) -> int:
    """Exchange once with the counter that offers."""
    with opened_counter(options) as counter:
        exchange = LanExchange(counter.database)
        try:
            done = exchange.join(options.code)
        finally:
            exchange.stop()
    print(_("交换好了：收到 {n} 笔（同站未确认），送出 {m} 笔", n=done.received, m=done.sent))
    return 0


def run_packet_make(options: argparse.Namespace) -> int:
    """Write what the district lacks to a file."""
    with opened_counter(options) as counter:
        made = make_packet(counter.database, options.file, purpose=options.purpose)
    print(_("已写到 {file}：本机 {n} 笔，同站别的电脑 {m} 笔", file=options.file, n=made.own, m=made.neighbours))
    return 0


def run_packet_take(options: argparse.Namespace) -> int:
    """Take what a file brings."""
    with opened_counter(options) as counter:
        done = take_packet(counter.database, options.file)
    if done.nothing:
        print(_("这个文件里没有新的，什么都没有变"))
    elif done.kind == ANSWER:
        print(_("收下区里的回执：回复 {n} 笔，新内容 {m} 条", n=done.answers, m=done.entries))
    else:
        print(_("收下同站电脑的 {n} 笔（同站未确认，等区里核对）", n=done.fresh))
    for device, text in done.skipped:
        print(_("{device} 的没有收全：{why}", device=device, why=text))
    return 0
