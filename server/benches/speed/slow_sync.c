/* Loaded before a program (LD_PRELOAD): slows each sync of the disk by SYNC_DELAY_US microseconds, so that disks
   compare, and counts them in the file that SYNC_COUNT names. For `make bench` alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static useconds_t delay;
static uint64_t *count;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("SYNC_DELAY_US"), *path = getenv("SYNC_COUNT");
  if (text) delay = (useconds_t)atoi(text);
  if (!path) return;
  int file = open(path, O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, sizeof *count)) return;
  void *at = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at != MAP_FAILED) count = at;
}

static int slowed(const char *name, int file) {
  int (*own)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (count) __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
  if (delay) usleep(delay);
  return own(file);
}

int fsync(int file) { return slowed("fsync", file); }
int fdatasync(int file) { return slowed("fdatasync", file); }
