dnl SPDX-License-Identifier: GPL-3.0-only
dnl BUZZ_OPTIONS
dnl What developers switch on: checks of our own locking, sanitizers, warnings as errors.
AC_DEFUN([BUZZ_OPTIONS], [
  AC_ARG_ENABLE([debug],
    [AS_HELP_STRING([--enable-debug], [abort when the locking rules are broken (BUZZ_DEBUG)])],
    [], [enable_debug=no])
  AS_IF([test "x$enable_debug" = xyes], [BUZZ_DEFS=-DBUZZ_DEBUG=1], [BUZZ_DEFS=])
  AC_SUBST([BUZZ_DEFS])

  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
    [], [enable_werror=no])
  WARNINGS='-Wall -Wextra -Wformat=2'
  AS_IF([test "x$enable_werror" = xyes], [WARNINGS="$WARNINGS -Werror"])
  AC_SUBST([WARNINGS])

  AC_ARG_ENABLE([sanitizer],
    [AS_HELP_STRING([--enable-sanitizer=LIST], [build with these sanitizers: address,undefined or thread,undefined])],
    [], [enable_sanitizer=no])
  SANITIZER_FLAGS=
  AM_CONDITIONAL([SANITIZED], [test "x$enable_sanitizer" != xno])
  AS_CASE([$enable_sanitizer],
    [no], [],
    [yes], [AC_MSG_ERROR([--enable-sanitizer wants a list, such as address,undefined])],
    [SANITIZER_FLAGS="-fsanitize=$enable_sanitizer -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
     buzz_saved_cflags=$CFLAGS
     CFLAGS="$CFLAGS $SANITIZER_FLAGS"
     AC_MSG_CHECKING([whether $CC has the sanitizers $enable_sanitizer])
     AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])],
       [AC_MSG_RESULT([no])
        AC_MSG_ERROR([$CC cannot link with $SANITIZER_FLAGS])])
     CFLAGS=$buzz_saved_cflags])
  AC_SUBST([SANITIZER_FLAGS])
])
