/* SPDX-License-Identifier: GPL-3.0-only */
/* The core's half of the plugin interface. Any thread. */
#include "fakecore.h"
#include "lock.h"
#include <debug.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ERROR_SESSION_NOT_FOUND 458 /* apierror.h */

/* What the core's executable exports to its plugins. */
int janus_log_level = LOG_ERR;
gboolean janus_log_timestamps, janus_log_colors;
char *janus_log_global_prefix;
int refcount_debug;
int lock_debug;

struct fake_hooks fake_hooks;
char fake_log[512];

static pthread_mutex_t handles_lock = PTHREAD_MUTEX_INITIALIZER;
static GPtrArray *handles; /* struct fake_handle *; under the lock */
static atomic_int alive;

void fake_fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("FAILED: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	abort();
}

void janus_vprintf(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(fake_log, sizeof(fake_log), format, arguments);
	va_end(arguments);
}

janus_plugin_result *janus_plugin_result_new(janus_plugin_result_type type, const char *text, json_t *content)
{
	janus_plugin_result *result = g_new0(janus_plugin_result, 1);
	result->type = type;
	result->text = text;
	result->content = content;
	return result;
}

void janus_plugin_result_destroy(janus_plugin_result *result)
{
	json_decref(result->content);
	g_free(result);
}

/* ThreadSanitizer does not see into libjansson, so it misses the atomic counts there by which an
 * object changes hands. What is freed too early is AddressSanitizer's to find. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:libjansson.so\nrace:json_delete\nrace:json_decref\nrace:json_incref\n";
}

static void handle_free(const janus_refcount *count)
{
	struct fake_handle *handle = janus_refcount_containerof(count, struct fake_handle, janus.ref);
	if (handle->janus.plugin_handle)
		fake_fail("handle %d was freed before its destroy_session", handle->number);
	if (atomic_exchange(&handle->gone, true))
		fake_fail("handle %d was freed twice", handle->number);
	atomic_fetch_sub(&alive, 1);
}

struct fake_handle *fake_handle_new(void *user)
{
	struct fake_handle *handle = g_new0(struct fake_handle, 1);
	janus_refcount_init(&handle->janus.ref, handle_free);
	handle->janus.gateway_handle = handle;
	handle->user = user;
	pthread_mutex_lock(&handles_lock);
	if (!handles)
		handles = g_ptr_array_new_with_free_func(g_free);
	handle->number = (int)handles->len;
	g_ptr_array_add(handles, handle);
	pthread_mutex_unlock(&handles_lock);
	atomic_fetch_add(&alive, 1);
	return handle;
}

void fake_handle_ref(struct fake_handle *handle)
{
	janus_refcount_increase(&handle->janus.ref);
}

void fake_handle_unref(struct fake_handle *handle)
{
	janus_refcount_decrease(&handle->janus.ref);
}

int fake_handles_alive(void)
{
	return atomic_load(&alive);
}

void fake_core_end(void)
{
	if (atomic_load(&alive) != 0)
		fake_fail("%d handles still have references", atomic_load(&alive));
	if (handles)
		g_ptr_array_unref(handles);
	handles = NULL;
}

/* The handle of a call, or NULL when the core would refuse it because the handle has ended. */
static struct fake_handle *enter(janus_plugin_session *janus, const char *callback)
{
	buzz_lock_assert_none();
	struct fake_handle *handle = (struct fake_handle *)janus;
	if (atomic_load(&handle->gone))
		fake_fail("%s on handle %d, to which no reference is held", callback, handle->number);
	return g_atomic_int_get(&janus->stopped) ? NULL : handle;
}

static int push_event(janus_plugin_session *janus, janus_plugin *plugin, const char *transaction, json_t *body,
		      json_t *jsep)
{
	if (plugin != create() || !json_is_object(body))
		fake_fail("push_event with another plugin, or without an object");
	struct fake_handle *handle = enter(janus, "push_event");
	if (!handle)
		return ERROR_SESSION_NOT_FOUND;
	if (atomic_exchange(&handle->pushing, true))
		fake_fail("two events of handle %d are being pushed at once", handle->number);
	if (fake_hooks.event)
		fake_hooks.event(handle, transaction, body, jsep);
	atomic_store(&handle->pushing, false);
	return 0;
}

static void relay_rtp(janus_plugin_session *janus, janus_plugin_rtp *packet)
{
	/* the core would drop what comes for a handle that ends, but the test counts it: it has a number */
	enter(janus, "relay_rtp");
	if (fake_hooks.rtp)
		fake_hooks.rtp((struct fake_handle *)janus, packet);
}

static void send_pli_stream(janus_plugin_session *janus, int mindex)
{
	struct fake_handle *handle = enter(janus, "send_pli_stream");
	if (handle && fake_hooks.pli)
		fake_hooks.pli(handle, mindex);
}

static void close_pc(janus_plugin_session *janus)
{
	struct fake_handle *handle = enter(janus, "close_pc");
	if (handle && fake_hooks.close)
		fake_hooks.close(handle);
}

static void relay_rtcp(janus_plugin_session *janus, janus_plugin_rtcp *packet)
{
	(void)packet;
	enter(janus, "relay_rtcp");
}

static void relay_data(janus_plugin_session *janus, janus_plugin_data *packet)
{
	struct fake_handle *handle = enter(janus, "relay_data");
	if (handle && fake_hooks.data)
		fake_hooks.data(handle, packet);
}

static void send_pli(janus_plugin_session *janus)
{
	enter(janus, "send_pli");
}

static void send_remb(janus_plugin_session *janus, guint32 bitrate)
{
	(void)bitrate;
	enter(janus, "send_remb");
}

static void end_session(janus_plugin_session *janus)
{
	enter(janus, "end_session");
}

static gboolean no(void)
{
	return FALSE;
}

static void notify_event(janus_plugin *plugin, janus_plugin_session *janus, json_t *event)
{
	(void)plugin;
	if (janus)
		enter(janus, "notify_event");
	json_decref(event);
}

static gboolean signature_valid(janus_plugin *plugin, const char *token)
{
	(void)plugin;
	(void)token;
	return FALSE;
}

static gboolean signature_contains(janus_plugin *plugin, const char *token, const char *descriptor)
{
	(void)plugin;
	(void)token;
	(void)descriptor;
	return FALSE;
}

janus_callbacks *fake_callbacks(void)
{
	static janus_callbacks callbacks = {
		.push_event = push_event,
		.relay_rtp = relay_rtp,
		.relay_rtcp = relay_rtcp,
		.relay_data = relay_data,
		.send_pli = send_pli,
		.send_pli_stream = send_pli_stream,
		.send_remb = send_remb,
		.close_pc = close_pc,
		.end_session = end_session,
		.events_is_enabled = no,
		.notify_event = notify_event,
		.auth_is_signed = no,
		.auth_is_signature_valid = signature_valid,
		.auth_signature_contains = signature_contains,
	};
	return &callbacks;
}
