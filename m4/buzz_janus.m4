dnl SPDX-License-Identifier: GPL-3.0-only
dnl BUZZ_JANUS
dnl Finds the Janus to build for and the folders from which that Janus loads plugins and settings.
dnl Sets janus_includedir, janus_api, JANUS_CFLAGS, janus_prefix, plugindir, confdir.
dnl
dnl A plugin only loads into the Janus whose plugin API it was built for, so the API version is read from the headers
dnl and printed. Debian's janus-dev has no pkg-config file, therefore the headers are looked for by path.
AC_DEFUN([BUZZ_JANUS], [
  AC_ARG_WITH([janus],
    [AS_HELP_STRING([--with-janus=PREFIX], [prefix of the Janus to build for @<:@/usr, as Debian's package@:>@])],
    [], [with_janus=/usr])
  AC_ARG_WITH([plugindir],
    [AS_HELP_STRING([--with-plugindir=DIR], [install the plugin into DIR @<:@where that Janus looks, or below --prefix if given@:>@])],
    [], [with_plugindir=])
  AC_ARG_WITH([confdir],
    [AS_HELP_STRING([--with-confdir=DIR], [install the sample settings into DIR @<:@where that Janus looks, or below --prefix if given@:>@])],
    [], [with_confdir=])
  AS_CASE([$with_janus],
    [/*], [janus_prefix=$with_janus],
    [AC_MSG_ERROR([--with-janus wants the absolute prefix of a Janus installation, such as /usr or /opt/janus])])
  AC_SUBST([janus_prefix])

  janus_includedir=$janus_prefix/include/janus
  AC_MSG_CHECKING([for Janus headers in $janus_includedir])
  AS_IF([test -f "$janus_includedir/plugins/plugin.h"], [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AS_IF([test "$janus_prefix" = /usr],
       [AC_MSG_ERROR([the Janus headers are needed; on Debian: apt install janus-dev; for a Janus of your own: --with-janus=PREFIX])],
       [AC_MSG_ERROR([no $janus_includedir/plugins/plugin.h; install that Janus first (its `make install` copies the headers)])])])
  dnl As system headers, so that our warnings are about our code only.
  JANUS_CFLAGS="-isystem $janus_includedir"
  AC_SUBST([JANUS_CFLAGS])

  AC_MSG_CHECKING([for the plugin API version of that Janus])
  cat >conftest-api.c <<_BUZZ_EOF
#include <plugins/plugin.h>
buzz_janus_api JANUS_PLUGIN_API_VERSION
_BUZZ_EOF
  janus_api=`$CC -E -P $CPPFLAGS $JANUS_CFLAGS $GLIB_CFLAGS $JANSSON_CFLAGS conftest-api.c 2>&AS_MESSAGE_LOG_FD | \
    $SED -n 's/^buzz_janus_api (*\(@<:@0-9@:>@@<:@0-9@:>@*\))*$/\1/p'`
  rm -f conftest-api.c
  AS_IF([test -n "$janus_api"], [AC_MSG_RESULT([$janus_api])],
    [AC_MSG_RESULT([unknown])
     AC_MSG_ERROR([cannot read JANUS_PLUGIN_API_VERSION from $janus_includedir/plugins/plugin.h, see config.log])])
  AS_IF([test "$janus_api" -lt 102],
    [AC_MSG_ERROR([this Janus has plugin API $janus_api; Buzz needs 102 (Janus 1.1.2) or later])])

  dnl Without --prefix, or with the prefix of that Janus, we install where it looks. With any other prefix everything
  dnl stays below that prefix and the operator points Janus there.
  AS_CASE([$prefix],
    [NONE|"$janus_prefix"], [buzz_beside_janus=yes],
    [buzz_beside_janus=no])
  plugindir='${libdir}/janus/plugins'
  confdir='${sysconfdir}/janus'
  AS_IF([test $buzz_beside_janus = yes], [
    janus_multiarch=`$CC -print-multiarch 2>/dev/null`
    for janus_libdir in "$janus_prefix/lib/$janus_multiarch" "$janus_prefix/lib" "$janus_prefix/lib64"; do
      AS_IF([test -d "$janus_libdir/janus/plugins"], [plugindir=$janus_libdir/janus/plugins; break])
    done
    AS_IF([test "$janus_prefix" = /usr], [confdir=/etc/janus], [confdir=$janus_prefix/etc/janus])
  ])
  AS_IF([test -n "$with_plugindir"], [plugindir=$with_plugindir])
  AS_IF([test -n "$with_confdir"], [confdir=$with_confdir])
  AC_SUBST([plugindir])
  AC_SUBST([confdir])
])
