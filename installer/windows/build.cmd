@echo off
rem The one command on a Windows machine: makes build\windows\doorstep-VERSION-windows-amd64.exe. See docs\packaging-windows.md.
py -3.11 "%~dp0build.py" %*
exit /b %errorlevel%
