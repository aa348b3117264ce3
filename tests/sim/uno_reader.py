"""Reads workbooks through LibreOffice, by the system's Python, which has ``uno``: uno_reader.py PIPE, jobs on stdin.

A job is a line of JSON: ``{"path": …, "password": …, "pdf": … or null}``; the answer is a line with what was found,
``{"error": …}`` where the file does not open. Imports nothing of the project.
"""

import json
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.sheet.FormulaResult import ERROR, STRING, VALUE
from com.sun.star.uno import Exception as OfficeError


def prop(name, value):
    """Return one named value of LibreOffice."""
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def connect(pipe):
    """Return LibreOffice's desktop, once it answers."""
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    for _turn in range(300):
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except NoConnectException:
            time.sleep(0.2)
    raise SystemExit("LibreOffice does not answer")


def read(desktop, job):
    """Return what LibreOffice makes of a workbook."""
    options = [prop("Hidden", True)]
    if job.get("password"):
        options.append(prop("Password", job["password"]))
    try:
        book = desktop.loadComponentFromURL(uno.systemPathToFileUrl(job["path"]), "_blank", 0, tuple(options))
    except OfficeError as problem:
        return {"error": str(problem)}
    if book is None:
        return {"error": "not opened"}
    try:
        if job.get("pdf"):
            book.storeToURL(uno.systemPathToFileUrl(job["pdf"]), (prop("FilterName", "calc_pdf_Export"),))
        return {"sheets": [sheet_of(book, sheet) for sheet in book.Sheets]}
    finally:
        book.close(True)


def sheet_of(book, sheet):
    """Return name, cells, formulas and print set-up of a sheet."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    area = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    style = book.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
    return {
        "name": sheet.Name,
        "rows": [list(row) for row in area.DataArray],
        "formulas": area.queryFormulaCells(VALUE | STRING | ERROR).Count,
        "landscape": bool(style.IsLandscape),
        "paper": [style.Width, style.Height],
        "repeated": sheet.TitleRows.EndRow if sheet.PrintTitleRows else -1,
    }


def main():
    """Answer each job."""
    desktop = connect(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(read(desktop, json.loads(line)), ensure_ascii=False), flush=True)
    try:
        desktop.terminate()
    except OfficeError:  # it goes while it is being asked
        return


main()
