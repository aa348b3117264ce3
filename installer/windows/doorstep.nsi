; Setup of the desktop program on Windows. Compiled by build.py (build.cmd on Windows), which passes
;   PAYLOAD  the folder PyInstaller made (doorstep.exe, doorstep-district.exe, _internal)
;   VERSION  such as 0.1.0        OUTFILE  the setup to write        ICON  an .ico file (may be left out)
; Switches, exit codes and what is proven: docs/packaging-windows.md.
Unicode true
ManifestDPIAware true
ManifestSupportedOS Win10
SetCompressor /SOLID lzma
SetCompressorDictSize 64

!define KEY "Software\Doorstep"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Doorstep"
!define LINK "家门口 Doorstep.lnk"
!define PROGRAM "$INSTDIR\program"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_INSTDIR "Doorstep"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallLocation"

!include MultiUser.nsh
!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include WordFunc.nsh
!include WinVer.nsh
!include x64.nsh

Name "$(TEXT_NAME)"
OutFile "${OUTFILE}"
BrandingText "Doorstep ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION}.0"
VIFileVersion "${VERSION}.0"
VIAddVersionKey /LANG=0 "ProductName" "Doorstep"
VIAddVersionKey /LANG=0 "FileDescription" "Doorstep Setup"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "LegalCopyright" "Doorstep"

!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!define MUI_ABORTWARNING
; Through the explorer, which runs it as the person, not with the administrator's rights that the setup may have.
!define MUI_FINISHPAGE_RUN "$WINDIR\explorer.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "$\"${PROGRAM}\doorstep.exe$\""

!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

; No language page: Windows' own language decides, Chinese where it is neither, /LANG= overrules.
!insertmacro MUI_LANGUAGE "SimpChinese"
!insertmacro MUI_LANGUAGE "English"
!include texts.nsh

Var Asked ; the folder named by /D=, which MultiUser would overwrite
Var Unpack ; "1": only lay the files down, as the program's own update does

; Says why nothing was done, to the person or (silent) into %TEMP%\doorstep-setup.txt, and ends with an exit code.
!macro RefuseAs PREFIX
  Function ${PREFIX}Refuse
    Exch $0 ; the sentence
    Exch
    Exch $1 ; the exit code
    FileOpen $2 "$TEMP\doorstep-setup.txt" w
    FileWriteUTF16LE /BOM $2 "$0$\r$\n"
    FileClose $2
    MessageBox MB_OK|MB_ICONSTOP "$0" /SD IDOK
    SetErrorLevel $1
    Quit
  FunctionEnd
!macroend
!insertmacro RefuseAs ""
!insertmacro RefuseAs "un."
!macro Refuse PREFIX CODE SENTENCE
  Push ${CODE}
  Push "${SENTENCE}"
  Call ${PREFIX}Refuse
!macroend

; Windows refuses to open a program for writing while anybody on this computer runs it.
!macro RefuseWhileRunning PREFIX FILE
  ${If} ${FileExists} "${FILE}"
    ClearErrors
    FileOpen $0 "${FILE}" a
    ${If} ${Errors}
      !insertmacro Refuse "${PREFIX}" 3 "$(TEXT_RUNNING)"
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Function .onInit
  StrCpy $Asked $INSTDIR
  ClearErrors ; programs quote what has blanks in it, as a whole: NSIS itself would not see that "/D=..."
  ${WordFind2X} $CMDLINE '"/D=' '"' "E+1" $R1
  ${IfNot} ${Errors}
    StrCpy $Asked $R1
  ${EndIf}
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/LANG=" $R1
  ${IfNot} ${Errors}
    StrCpy $LANGUAGE $R1
  ${EndIf}
  Call CheckWindows
  ClearErrors
  ${GetOptions} $R0 "/AllUsers" $R1
  ${IfNot} ${Errors}
    UserInfo::GetAccountType
    Pop $R1
    ${If} $R1 != "Admin"
      !insertmacro Refuse "" 5 "$(TEXT_NOT_ADMIN)"
    ${EndIf}
  ${EndIf}
  SetRegView 64
  !insertmacro MULTIUSER_INIT
  ${If} $Asked != ""
    StrCpy $INSTDIR $Asked
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/Unpack" $R1
  ${IfNot} ${Errors}
    StrCpy $Unpack 1
    ${If} $Asked == ""
      !insertmacro Refuse "" 7 "$(TEXT_UNPACK_WHERE)"
    ${EndIf}
  ${EndIf}
  Call CheckOlder
FunctionEnd

Function CheckWindows
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    !insertmacro Refuse "" 6 "$(TEXT_OLD_WINDOWS)"
  ${EndIf}
FunctionEnd

; An older version over a newer one would meet data that it cannot read; whoever wants it says so.
Function CheckOlder
  ${If} $Unpack == 1
    Return
  ${EndIf}
  ReadRegStr $R1 SHCTX "${UNINSTALL_KEY}" "DisplayVersion"
  ${If} $R1 == ""
    Return
  ${EndIf}
  ${VersionCompare} "$R1" "${VERSION}" $R2
  ${If} $R2 != 1
    Return
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/AllowOlder" $R3
  ${IfNot} ${Errors}
    Return
  ${EndIf}
  ${If} ${Silent}
    !insertmacro Refuse "" 8 "$(TEXT_OLDER)"
  ${EndIf}
  MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "$(TEXT_OLDER) $(TEXT_ANYWAY)" IDYES +3
    SetErrorLevel 8
    Quit
FunctionEnd

Section "Doorstep" SECTION_PROGRAM
  ; The new version is laid beside the old one and takes its place at the end, by a rename: whatever stops this
  ; before then leaves the old version as it was.
  ${If} $Unpack == 1
    StrCpy $R9 "$INSTDIR"
  ${Else}
    StrCpy $R9 "$INSTDIR\program.new"
    Call MendHalfInstall
    !insertmacro RefuseWhileRunning "" "${PROGRAM}\doorstep.exe"
    !insertmacro RefuseWhileRunning "" "${PROGRAM}\doorstep-district.exe"
  ${EndIf}
  Call CheckRoom
  SetOutPath "$R9"
  File /r "${PAYLOAD}/*"
  SetOutPath "$INSTDIR"
  ${If} $Unpack != 1
    Call TakePlace
    Call Register
  ${EndIf}
SectionEnd

; A setup that was killed left a half new version, or (between two renames) the old one under its other name.
Function MendHalfInstall
  RMDir /r "$INSTDIR\program.new"
  ${IfNot} ${FileExists} "${PROGRAM}\*.*"
  ${AndIf} ${FileExists} "$INSTDIR\program.old\*.*"
    Rename "$INSTDIR\program.old" "${PROGRAM}"
  ${EndIf}
  RMDir /r "$INSTDIR\program.old"
FunctionEnd

Function CheckRoom
  SectionGetSize ${SECTION_PROGRAM} $R1 ; KB
  IntOp $R1 $R1 / 1024
  IntOp $R1 $R1 + 50
  CreateDirectory "$INSTDIR"
  ${DriveSpace} "$INSTDIR" "/D=F /S=M" $R3 ; asked of the folder, which may be another disk mounted there
  ${If} $R3 != ""
  ${AndIf} $R3 < $R1
    RMDir "$INSTDIR"
    StrCpy $R4 "$(TEXT_NO_ROOM)"
    !insertmacro Refuse "" 4 "$R4 $R1 MB"
  ${EndIf}
FunctionEnd

Function TakePlace
  ${If} ${FileExists} "${PROGRAM}\*.*"
    ClearErrors
    Rename "${PROGRAM}" "$INSTDIR\program.old"
    ${If} ${Errors} ; a file of it is open somewhere
      RMDir /r "$INSTDIR\program.new"
      !insertmacro Refuse "" 3 "$(TEXT_RUNNING)"
    ${EndIf}
  ${EndIf}
  ClearErrors
  Rename "$INSTDIR\program.new" "${PROGRAM}"
  ${If} ${Errors}
    Rename "$INSTDIR\program.old" "${PROGRAM}"
    !insertmacro Refuse "" 2 "$(TEXT_FAILED)"
  ${EndIf}
  RMDir /r "$INSTDIR\program.old"
FunctionEnd

Function Register
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr SHCTX "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "$(TEXT_NAME)"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "Doorstep"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "${PROGRAM}\doorstep.exe,0"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S /$MultiUser.InstallMode'
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "${PROGRAM}" "/S=0K" $R1 $R2 $R3
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" $R1
  CreateShortcut "$SMPROGRAMS\${LINK}" "${PROGRAM}\doorstep.exe"
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/NoDesktopLink" $R1
  ${If} ${Errors}
    CreateShortcut "$DESKTOP\${LINK}" "${PROGRAM}\doorstep.exe"
  ${EndIf}
FunctionEnd

; A file could not be written (no room, no right). The old version was not touched.
Function .onInstFailed
  ${If} $Unpack != 1
    SetOutPath "$TEMP"
    RMDir /r "$INSTDIR\program.new"
  ${EndIf}
  !insertmacro Refuse "" 2 "$(TEXT_FAILED)"
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
  !insertmacro RefuseWhileRunning "un." "${PROGRAM}\doorstep.exe"
  !insertmacro RefuseWhileRunning "un." "${PROGRAM}\doorstep-district.exe"
FunctionEnd

Section "Uninstall"
  RMDir /r "${PROGRAM}"
  RMDir /r "$INSTDIR\program.new"
  RMDir /r "$INSTDIR\program.old"
  ; The uninstaller runs as a copy of itself; the original may still be on its way out.
  ${For} $R1 1 50
    ClearErrors
    Delete "$INSTDIR\uninstall.exe"
    ${IfNot} ${Errors}
      ${ExitFor}
    ${EndIf}
    Sleep 100
  ${Next}
  RMDir "$INSTDIR" ; stays if somebody put something of their own in it
  Delete "$SMPROGRAMS\${LINK}"
  Delete "$DESKTOP\${LINK}"
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  DeleteRegKey SHCTX "${KEY}"
  Call un.AskAboutData
SectionEnd

; Data goes only after two questions, both of which default to "keep"; a silent uninstall always keeps it.
Function un.AskAboutData
  SetShellVarContext current ; in a per-machine uninstall, too, %LOCALAPPDATA% is the person's own
  ${IfNot} ${FileExists} "$LOCALAPPDATA\doorstep\*.*"
    Return
  ${EndIf}
  MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(TEXT_DATA_FIRST)" /SD IDNO IDYES +2
  Return
  MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "$(TEXT_DATA_SECOND)" /SD IDNO IDYES +2
  Return
  RMDir /r "$LOCALAPPDATA\doorstep"
  RMDir /r "$LOCALAPPDATA\doorstep-programs"
FunctionEnd
