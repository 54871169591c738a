/* SPDX-License-Identifier: GPL-3.0-only */
/* A main for a fuzz target without libFuzzer: feeds it every file named on the command line, and
 * every file in every directory named there. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static int feed_file(const char *path, size_t length)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(length ? length : 1); /* no longer: the sanitizer guards its end */

	if (!file || !data || fread(data, 1, length, file) != length)
		fail(path);
	fclose(file);
	printf("%s\n", path);
	fflush(stdout); /* so that a crash leaves its name */
	LLVMFuzzerTestOneInput(data, length);
	free(data);
	return 1;
}

static int feed(const char *path)
{
	struct stat info;
	int count = 0;

	if (stat(path, &info) < 0)
		fail(path);
	if (!S_ISDIR(info.st_mode))
		return feed_file(path, (size_t)info.st_size);
	DIR *directory = opendir(path);
	if (!directory)
		fail(path);
	for (struct dirent *entry; (entry = readdir(directory));) {
		char inside[4096];
		if (entry->d_name[0] == '.')
			continue;
		int length = snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		if (length < 0 || (size_t)length >= sizeof(inside))
			fail(path);
		count += feed(inside);
	}
	closedir(directory);
	return count;
}

int main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++)
		count += feed(argv[i]);
	printf("%d inputs\n", count);
	if (count == 0)
		fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", argv[0]);
	return count == 0;
}
