/* SPDX-License-Identifier: GPL-3.0-only */
/* The folder of reports. DESIGN: names are made here, from a hash of the room and the report's id, so that no client has a say in them
 * and a participant can only ever name reports of the room it is in. A file is written under a temporary name and renamed when it is complete and on
 * the disk; whatever goes wrong before that, the temporary file is removed. The folder is opened anew for each job: it
 * may have vanished, or come back. */
#include "report_store.h"
#include "queue.h"
#include "worker.h"
#include <debug.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOBS_MAX 64
#define PIECE_MAX 32768 /* bytes of a file per read_report, docs/protocol.md */
#define TEMPORARY ".buzz-report-"
#define NAME_MAX_BYTES 128

enum job_type { JOB_STORE, JOB_READ, JOB_STOP };

struct job {
	enum job_type type;
	struct buzz_session *session; /* holds a reference, or NULL */
	struct buzz_report *report;   /* STORE */
	struct buzz_room_key key;     /* READ, and what follows */
	char id[BUZZ_REPORT_ID_MAX + 1];
	uint32_t offset;
	char *transaction;
};

static struct buzz_settings settings;
static struct buzz_queue *jobs;
static pthread_t thread;
static _Atomic size_t waiting_bytes; /* of reports in the queue */

static void job_free(struct job *job)
{
	if (job->session)
		buzz_session_unref(job->session);
	buzz_report_free(job->report);
	g_free(job->transaction);
	g_free(job);
}

/* The room by a hash of tenant, NUL and room: no two keys can mean the same file. */
static void file_name(char name[NAME_MAX_BYTES], const struct buzz_room_key *key, const char *id)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(checksum, (const guchar *)key->tenant, (gssize)strlen(key->tenant) + 1);
	g_checksum_update(checksum, (const guchar *)key->room, (gssize)strlen(key->room));
	g_snprintf(name, NAME_MAX_BYTES, "report-%.32s-%s.json", g_checksum_get_string(checksum), id);
}

static int open_folder(void)
{
	return open(settings.reports_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* What a person is told who cannot do anything about it; the log has the rest. */
static const char *reason_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "no_folder";
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return "full";
	case EACCES:
	case EPERM:
	case EROFS:
		return "not_writable";
	default:
		return "failed";
	}
}

/* Calls visit with each name in the folder. */
static void each_name(int folder, void (*visit)(int folder, const char *name, void *data), void *data)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
	if (!directory) {
		if (copy >= 0)
			close(copy);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(directory));)
		visit(folder, entry->d_name, data);
	closedir(directory);
}

static void count_report(int folder, const char *name, void *data)
{
	(void)folder;
	if (g_str_has_prefix(name, "report-") && g_str_has_suffix(name, ".json"))
		++*(guint *)data;
}

static void remove_temporary(int folder, const char *name, void *data)
{
	(void)data;
	if (!g_str_has_prefix(name, TEMPORARY))
		return;
	JANUS_LOG(LOG_WARN, "buzz: removing the unfinished report %s\n", name);
	unlinkat(folder, name, 0);
}

/* A sink for buzz_report_write: buffers, so that small pieces make no system calls. */
struct output {
	int file;
	size_t length;
	char buffer[65536];
};

static int flush(struct output *output)
{
	for (size_t done = 0; done < output->length;) {
		ssize_t written = write(output->file, output->buffer + done, output->length - done);
		if (written < 0 && errno != EINTR)
			return errno;
		done += written > 0 ? (size_t)written : 0;
	}
	output->length = 0;
	return 0;
}

static int put_text(void *data, const char *text, size_t length)
{
	struct output *output = data;
	while (length > 0) {
		size_t room = MIN(length, sizeof(output->buffer) - output->length);
		memcpy(output->buffer + output->length, text, room);
		output->length += room;
		text += room;
		length -= room;
		int error = output->length == sizeof(output->buffer) ? flush(output) : 0;
		if (error)
			return error;
	}
	return 0;
}

/* 0 or an errno. The file is complete and on the disk then. */
static int fill(int file, const struct buzz_report *report)
{
	g_autofree struct output *output = g_new(struct output, 1);
	output->file = file;
	output->length = 0;
	int error = buzz_report_write(report, PACKAGE_VERSION, put_text, output);
	if (!error)
		error = flush(output);
	if (!error && fsync(file))
		error = errno;
	return error;
}

/* 0 or an errno; then nothing of it is left. */
static int write_file(int folder, const struct buzz_report *report)
{
	char name[NAME_MAX_BYTES], temporary[NAME_MAX_BYTES];
	file_name(name, &report->key, report->id);
	g_snprintf(temporary, sizeof(temporary), TEMPORARY "%s", report->id);
	int file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return errno;
	int error = fill(file, report);
	if (close(file) && !error)
		error = errno;
	if (!error && renameat(folder, temporary, folder, name))
		error = errno;
	if (error)
		unlinkat(folder, temporary, 0);
	else
		fsync(folder); /* the name too */
	return error;
}

/* NULL, or why it is not stored. */
static const char *store(const struct buzz_report *report)
{
	guint count = 0;
	int folder = open_folder(), error = folder < 0 ? errno : 0;
	const char *reason = NULL;
	if (!error)
		each_name(folder, count_report, &count);
	if (!error && count >= settings.reports_max)
		reason = "too_many";
	else if (!error)
		error = write_file(folder, report);
	if (folder >= 0)
		close(folder);
	if (error)
		reason = reason_of(error);
	if (reason)
		JANUS_LOG(LOG_ERR, "buzz: report=%s not stored in %s: %s\n", report->id, settings.reports_folder,
			  error ? g_strerror(error) : "there are max_reports of them");
	else
		JANUS_LOG(LOG_INFO, "buzz: report=%s stored in %s\n", report->id, settings.reports_folder);
	return reason;
}

/* Takes over the result. */
static void tell(const struct job *job, struct buzz_report_result *result)
{
	if (!job->session) {
		buzz_report_result_free(result);
		return;
	}
	struct buzz_message *message = buzz_message_new(BUZZ_MESSAGE_RESULT, job->session);
	message->result = result;
	buzz_workers_notify(message);
}

static struct buzz_report_result *stored(const struct buzz_report *report, const char *reason)
{
	struct buzz_report_result *result = g_new0(struct buzz_report_result, 1);
	result->type = BUZZ_REPORT_STORED;
	g_strlcpy(result->id, report->id, sizeof(result->id));
	result->collected = report->collected;
	result->expected = report->logs->len;
	result->reason = reason;
	return result;
}

static struct buzz_report_result *not_read(const struct job *job, enum buzz_error_code code)
{
	struct buzz_report_result *result = g_new0(struct buzz_report_result, 1);
	result->type = BUZZ_REPORT_PART;
	g_strlcpy(result->id, job->id, sizeof(result->id));
	result->transaction = g_strdup(job->transaction);
	result->offset = job->offset;
	result->code = code;
	return result;
}

/* The file's bytes from the offset on, cut between two characters. 0 or an error for the client. */
static enum buzz_error_code read_piece(int file, struct buzz_report_result *result)
{
	struct stat status;
	if (fstat(file, &status) || !S_ISREG(status.st_mode))
		return BUZZ_ERROR_NO_SUCH_REPORT;
	g_autofree char *piece = g_malloc(PIECE_MAX + 1);
	ssize_t length = pread(file, piece, PIECE_MAX, (off_t)result->offset);
	if (length < 0)
		return BUZZ_ERROR_NOT_AVAILABLE;
	const char *end;
	g_utf8_validate(piece, length, &end);
	piece[end - piece] = '\0';
	if (length > 0 && end == piece)
		return BUZZ_ERROR_BAD_FIELD; /* an offset inside a character */
	result->total = (uint64_t)status.st_size;
	result->text = g_steal_pointer(&piece);
	return BUZZ_OK;
}

static void read_report(const struct job *job)
{
	struct buzz_report_result *result = not_read(job, BUZZ_OK);
	char name[NAME_MAX_BYTES];
	file_name(name, &job->key, job->id);
	int folder = open_folder();
	int file = folder >= 0 ? openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	if (file >= 0)
		result->code = read_piece(file, result);
	else
		result->code = folder < 0 || errno != ENOENT ? BUZZ_ERROR_NOT_AVAILABLE : BUZZ_ERROR_NO_SUCH_REPORT;
	if (file >= 0)
		close(file);
	if (folder >= 0)
		close(folder);
	tell(job, result);
}

static void *run(void *unused)
{
	(void)unused;
	int folder = open_folder();
	if (folder >= 0) {
		each_name(folder, remove_temporary, NULL);
		close(folder);
	} else {
		JANUS_LOG(LOG_WARN, "buzz: reports cannot be stored in %s: %s\n", settings.reports_folder,
			  g_strerror(errno));
	}
	for (;;) {
		struct job *job = buzz_queue_pop(jobs, 60000);
		if (!job)
			continue;
		bool stop = job->type == JOB_STOP;
		if (job->type == JOB_STORE) {
			tell(job, stored(job->report, store(job->report)));
			atomic_fetch_sub(&waiting_bytes, job->report->used);
		} else if (job->type == JOB_READ) {
			read_report(job);
		}
		job_free(job);
		if (stop)
			return NULL;
	}
}

void buzz_report_store_start(const struct buzz_settings *wanted)
{
	settings = *wanted;
	if (!settings.reports_folder[0])
		return;
	jobs = buzz_queue_new(JOBS_MAX);
	pthread_create(&thread, NULL, run, NULL);
}

void buzz_report_store_stop(void)
{
	if (!jobs)
		return;
	struct job *job = g_new0(struct job, 1);
	job->type = JOB_STOP;
	buzz_queue_push_always(jobs, job);
	pthread_join(thread, NULL);
}

void buzz_report_store_free(void)
{
	struct job *job;
	if (!jobs)
		return;
	while ((job = buzz_queue_pop(jobs, 0)))
		job_free(job);
	buzz_queue_free(g_steal_pointer(&jobs));
}

static struct job *job_new(enum job_type type, struct buzz_session *session)
{
	struct job *job = g_new0(struct job, 1);
	job->type = type;
	job->session = session ? buzz_session_ref(session) : NULL;
	return job;
}

void buzz_report_store_put(struct buzz_report *report, struct buzz_session *session)
{
	struct job *job = job_new(JOB_STORE, session);
	size_t used = report->used;
	job->report = report;
	/* two of the largest may wait for the disk; more would only fill the memory */
	bool fits = atomic_fetch_add(&waiting_bytes, used) + used <= 2 * (size_t)settings.report_max;
	if (fits && buzz_queue_push(jobs, job))
		return;
	atomic_fetch_sub(&waiting_bytes, used);
	JANUS_LOG(LOG_ERR, "buzz: report=%s not stored: the disk is too slow\n", report->id);
	tell(job, stored(report, "busy"));
	job_free(job);
}

void buzz_report_store_read(const struct buzz_room_key *key, const char *id, uint32_t offset,
			    const char *transaction, struct buzz_session *session)
{
	struct job *job = job_new(JOB_READ, session);
	job->key = *key;
	g_strlcpy(job->id, id, sizeof(job->id));
	job->offset = offset;
	job->transaction = g_strdup(transaction);
	if (buzz_queue_push(jobs, job))
		return;
	tell(job, not_read(job, BUZZ_ERROR_BUSY));
	job_free(job);
}
