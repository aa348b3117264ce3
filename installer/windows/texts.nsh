; Every sentence of the setup, Simplified Chinese and English.
!macro Text NAME CHINESE ENGLISH
  LangString ${NAME} ${LANG_SIMPCHINESE} "${CHINESE}"
  LangString ${NAME} ${LANG_ENGLISH} "${ENGLISH}"
!macroend

!insertmacro Text TEXT_NAME "家门口" "Doorstep"
!insertmacro Text TEXT_RUNNING \
  "家门口正在这台电脑上运行（也可能是别的 Windows 用户打开的）。什么都没有改动，数据是安全的。请先关闭家门口，再试一次。" \
  "Doorstep is running on this computer (perhaps under another Windows user). Nothing was changed, your data is safe. Close Doorstep, then try again."
!insertmacro Text TEXT_NO_ROOM \
  "磁盘空间不够，没有安装。原来的版本和数据都没有改动。请腾出空间再试；需要的空间：" \
  "There is not enough room on the disk, nothing was installed. The old version and your data are unchanged. Make room, then try again; room needed:"
!insertmacro Text TEXT_NOT_ADMIN \
  "为所有用户安装需要管理员权限，没有安装。请用管理员账户运行，或改用 /CurrentUser 只为当前用户安装。" \
  "Installing for all users needs an administrator, nothing was installed. Run it as an administrator, or use /CurrentUser to install for this user alone."
!insertmacro Text TEXT_OLD_WINDOWS \
  "家门口需要 64 位的 Windows 10 或更新的版本，没有安装。" \
  "Doorstep needs 64-bit Windows 10 or newer, nothing was installed."
!insertmacro Text TEXT_OLDER \
  "这台电脑上的家门口比这个安装包新（安装包是 ${VERSION}）。旧版本可能打不开新版本的数据，没有安装。" \
  "The Doorstep on this computer is newer than this setup (which is ${VERSION}). An older version may not open newer data, nothing was installed."
!insertmacro Text TEXT_ANYWAY "仍然要装旧版本吗？" "Install the older version all the same?"
!insertmacro Text TEXT_UNPACK_WHERE \
  "/Unpack 需要 /D= 指明文件夹，没有安装。" \
  "/Unpack needs a folder, named by /D=; nothing was installed."
!insertmacro Text TEXT_FAILED \
  "有文件写不进去，没有装完。原来的版本和数据都没有改动。请检查磁盘空间和文件夹权限，再试一次。" \
  "A file could not be written, the setup did not finish. The old version and your data are unchanged. Check the room on the disk and the rights on the folder, then try again."
!insertmacro Text TEXT_DATA_FIRST \
  "程序已经卸载。这台电脑上当前 Windows 用户的家门口数据（求职登记、备份、钥匙）还在，重新安装后可以接着用。$\r$\n$\r$\n要把这些数据也删除吗？一般请选“否”。" \
  "The program is removed. The Doorstep data of this Windows user (registrations, backups, keys) is still on this computer and goes on working after a new installation.$\r$\n$\r$\nDelete this data too? Usually the answer is No."
!insertmacro Text TEXT_DATA_SECOND \
  "再问一次：删除以后找不回来，还没有同步到区里的登记会丢失。$\r$\n$\r$\n确定要删除这台电脑上的家门口数据吗？" \
  "Once more: deleted data cannot be brought back, and registrations that have not reached the district will be lost.$\r$\n$\r$\nReally delete the Doorstep data on this computer?"
