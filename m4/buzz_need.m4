dnl SPDX-License-Identifier: GPL-3.0-only
dnl BUZZ_NEED(VARIABLE, MODULE, PACKAGE)
dnl A library without which there is nothing to build: ends configure naming the Debian package that has it.
AC_DEFUN([BUZZ_NEED], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 is needed; on Debian: apt install $3])])
])
