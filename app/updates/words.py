"""What is said of new versions: one sentence each, alike on the screen and in the terminal."""

from __future__ import annotations

from app.texts import N_, _
from app.updates.programs import INSTALLED, LEFT_BY_HAND, NOT_INSTALLED, STATE_LOST, WENT_BACK, Told
from app.updates.standing import Standing

_REASONS = {
    "self_test": N_("自检没有通过"),
    "machine": N_(
        "这台电脑没有通过自检，现在的版本也一样：运行 doorstep doctor --self-test 看原因，弄好后下次启动再装"
    ),
    "died": N_("打不开，或者没有人能登录"),
    "missing": N_("程序文件不完整"),
    LEFT_BY_HAND: N_("已退回上一版"),
    "update.no_room": N_("磁盘放不下，腾出空间后下次启动再装"),
    "storage.full": N_("磁盘满了，腾出空间后下次启动再装"),
    "update.in_use": N_("家门口还开着，下次启动再装"),
    "storage.permission": N_("程序文件夹写不进去，请管理员看一下"),
    "update.half": N_("更新包不完整，请重新取"),
    "update.differs": N_("更新包和签名里的不一样，请重新取"),
    "update.missing": N_("更新包不在了，请重新取"),
    "update.schema": N_("要先装中间的一个版本"),
    "update.store_newer": N_("数据已由更新的版本打开过"),
    "update.no_dpkg": N_("这台电脑上没有 dpkg-deb，请管理员安装"),
    "release.signature": N_("签名不对，请重新取"),
    "release.unknown_key": N_("签名密钥不在信任的名单里，请向区里核对"),
}


def reason_words(code: str) -> str:
    """Return why a version did not do; a code without words as it is, for the phone."""
    return _(_REASONS[code]) if code in _REASONS else code


def told_words(told: Told | None) -> str:
    """Return what happened at the last start, in one sentence; "" if nothing did."""
    if told is None:
        return ""
    if told.what == INSTALLED:
        return _("已经换成 {version}。", version=told.version)
    if told.what == WENT_BACK:
        return _(
            "新版本 {version} 没有用成（{why}），已自动用回原来的版本，数据没有丢。不会再自己试它；区里会知道。",
            version=told.version,
            why=reason_words(told.why),
        )
    if told.what == NOT_INSTALLED:
        return _(
            "新版本 {version} 这次没有装（{why}），现在的版本照常用。", version=told.version, why=reason_words(told.why)
        )
    if told.what == STATE_LOST:
        return _("记录更新情况的文件坏了，已放在一边，用的是管理员装的版本；数据没有动。要更新请再取一次。")
    return ""


def state_words(found: Standing) -> list[str]:
    """Return how it stands, a sentence each."""
    lines: list[str] = []
    if found.state.trial is not None:
        lines.append(_("{version} 在试用：有人登录一次就算装好。", version=found.state.trial.version))
    elif found.wanted:
        lines.append(_("{version} 下次启动时安装，装之前会先把数据留一份。", version=found.state.wanted))
    elif found.offer is not None and found.offer.version in found.state.declined:
        lines.append(_("{version} 已取来，您选了不装它。", version=found.offer.version))
    elif found.offer is not None:
        lines.append(_("{version} 已取来，等您定什么时候装。", version=found.offer.version))
    else:
        lines.append(_("没有等着安装的新版本。"))
    for version, why in found.state.failed.items():
        lines.append(_("{version} 没有在用：{why}。", version=version, why=reason_words(why)))
    if found.back_to:
        lines.append(found.back_refused or _("可以退回 {version}。", version=found.back_to))
    if not found.writable:
        lines.append(_("程序文件夹写不进去，装不了更新。请管理员看一下权限。"))
    return lines
