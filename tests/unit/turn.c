/* SPDX-License-Identifier: GPL-3.0-only */
/* TURN credentials against vectors: the first is RFC 2202 section 3, case 2; the others were made with
 * "openssl dgst -sha1 -hmac <secret> -binary | base64". */
#include "turn.h"
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the two above */
#include <cmocka.h>

static void test_credentials(void **state)
{
	(void)state;
	static const struct {
		const char *secret, *username, *credential;
	} vectors[] = {
	    {"Jefe", "what do ya want for nothing?", "7/zfauXrL6LSdBbV8YTfnCWafHk="},
	    {"north", "1785542400:k3v9q2", "IuLONiMXLh/sh+tFoPtApNDtkt8="},
	    {"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	     "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
	     "1785542400:k3v9q2", "/gVQ0Y8rWiz1VOYkWTkyqin68LU="},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
		g_autofree char *credential =
		    buzz_turn_credential(vectors[i].secret, vectors[i].username);
		assert_string_equal(credential, vectors[i].credential);
	}
}

static void test_usernames(void **state)
{
	(void)state;
	g_autofree char *username = buzz_turn_username(1785542400, "k3v9q2");
	assert_string_equal(username, "1785542400:k3v9q2");
	g_autofree char *late = buzz_turn_username(INT64_C(4294967296), "a");
	assert_string_equal(late, "4294967296:a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_credentials),
	    cmocka_unit_test(test_usernames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
