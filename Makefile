EXTENSION = rec
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" rec.control)

MODULE_big = rec
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/kernel/*.c $(addsuffix /*.c,src/algorithm src/server src/source src/model src/run src/function))))

# The install script: the declarations of functions, in the order in which a reader meets them (define, train, ask, look,
# compare).
SCRIPTS_SQL = $(addprefix src/function/,model.sql restore.sql track.sql recommend.sql recommend_all.sql recommend_users.sql similar.sql explain.sql views.sql similarity.sql metrics.sql evaluate.sql report.sql)
DATA_built = rec--$(EXTVERSION).sql
DATA = $(wildcard src/upgrade/rec--*.sql)

REGRESS = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --load-extension=rec
ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation --load-extension=rec

# What make builds beside the library; and the files among it that are stale: their source is gone, or the version has changed.
BUILT = $(wildcard src/*/*.o test/unit/*_test test/unit/*_test-* test/unit/*_test.log test/unit/*_test.passed test/unit/fuzz/*_fuzz) \
  $(wildcard $(addprefix test/bench/,kernel_bench agreement gaps generate))
source_of = $(basename $(subst -sanitized,,$(subst -threads,,$(subst -fuzzed,,$1)))).c
STALE = $(filter-out rec--$(EXTVERSION).sql,$(wildcard rec--*.sql)) $(foreach file,$(BUILT),$(if $(wildcard $(call source_of,$(file))),,$(file)))

EXTRA_CLEAN = rec--*.sql $(BUILT)

PG_CONFIG ?= pg_config

# Serial OpenBLAS: a backend must never start threads. Debian and Fedora install several builds of it beside each other, so the
# serial one is tried first, and is found at run time whatever the system's default is.
OPENBLAS_LIBDIR ?= $(firstword $(patsubst %/libopenblas.so,%,$(wildcard /usr/lib/*/openblas-serial/libopenblas.so)))
ifneq ($(OPENBLAS_LIBDIR),)
OPENBLAS_LINK = -L$(OPENBLAS_LIBDIR) -Wl,-rpath,$(OPENBLAS_LIBDIR) -lopenblas
else
OPENBLAS_LINK = $(shell pkg-config --libs openblas 2>/dev/null || echo -lopenblas)
OPENBLAS_CFLAGS = $(shell pkg-config --cflags openblas 2>/dev/null)
endif
SHLIB_LINK = $(OPENBLAS_LINK) -lm

# -O3 and relaxed floating-point rules are for the kernels alone; NaN and infinity are kept, so that checks for finite values
# work.
KERNEL_CFLAGS = -O3 -fassociative-math -fno-signed-zeros -fno-trapping-math -ffp-contract=fast -fno-math-errno
# The server's headers are system headers, so that their warnings are not shown.
PG_CPPFLAGS = -Isrc $(OPENBLAS_CFLAGS) -isystem $(shell $(PG_CONFIG) --includedir-server)
# Callbacks have arguments that they do not use.
PG_CFLAGS = -Wextra -Wno-unused-parameter -fvisibility=hidden
src/kernel/%.o: CFLAGS += $(KERNEL_CFLAGS)
# Sums are computed as written, so that a model does not depend on the compiler.
src/kernel/least_squares.o src/kernel/nonnegative.o src/kernel/features.o src/kernel/linear_map.o: KERNEL_CFLAGS = -O3
src/algorithm/%.o: CFLAGS += -O3

# The functions work long on many values; inlining them into JIT-compiled queries gains nothing, and needs a second compiler.
override with_llvm = no

# These targets start from an empty machine and need no PostgreSQL. PGXS has a `check` of its own, which only says that it
# cannot. `make bench`, `make bench large` and `make bench SIZE=large`.
ifneq ($(filter demo check bench clients valgrind assertions faults fuzz fuzz-kernels,$(MAKECMDGOALS)),)
demo check clients valgrind assertions faults fuzz fuzz-kernels:
	test/$@
bench:
	test/benchmark $(or $(filter small medium large,$(MAKECMDGOALS)),$(SIZE))
small medium large:
	@:
else
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
endif

$(OBJS): $(wildcard src/*/*.h)

# The library is linked again without objects that are stale.
ifneq ($(strip $(STALE)),)
rec$(DLSUFFIX): remove-stale
remove-stale:
	rm -f $(strip $(STALE))
endif

rec--$(EXTVERSION).sql: $(SCRIPTS_SQL) Makefile
	(printf '\\echo Use "CREATE EXTENSION rec" to load this file. \\quit\n'; cat $(SCRIPTS_SQL)) > $@

# ---- tests of the kernels, outside the server; each is a program that exits with 0

UNIT_TESTS = $(patsubst %.c,%,$(sort $(wildcard test/unit/*_test.c)))
UNIT_OBJS = $(filter src/kernel/% src/algorithm/%,$(OBJS))
UNIT_CFLAGS = -std=gnu99 -pthread -Wall -Wextra -Wno-unused-parameter -g -Isrc $(OPENBLAS_CFLAGS)
# The library is not instrumented, and its serial build is for one thread: tests must not call it. Blocks are small, so that a
# small matrix has several.
SANITIZE_THREAD = -O1 -fsanitize=thread -DINVERSE_BLOCK=16
SANITIZE = -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

$(UNIT_TESTS): %: %.c $(UNIT_OBJS) $(wildcard src/*/*.h test/unit/*.h)
	$(CC) $(UNIT_CFLAGS) $(KERNEL_CFLAGS) -o $@ $< $(UNIT_OBJS) $(OPENBLAS_LINK) -lm

$(UNIT_OBJS:.o=-sanitized.o): %-sanitized.o: %.c $(wildcard src/*/*.h)
	$(CC) $(UNIT_CFLAGS) $(SANITIZE) -c -o $@ $<

$(UNIT_TESTS:=-sanitized): %-sanitized: %.c $(UNIT_OBJS:.o=-sanitized.o) $(wildcard src/*/*.h test/unit/*.h)
	$(CC) $(UNIT_CFLAGS) $(SANITIZE) -o $@ $< $(UNIT_OBJS:.o=-sanitized.o) $(OPENBLAS_LINK) -lm

unit: $(UNIT_TESTS)
	@set -e; for test in $^; do ./$$test; done

unit-sanitized: $(UNIT_TESTS:=-sanitized)
	@set -e; for test in $^; do ASAN_OPTIONS=detect_leaks=1 ./$$test; done

$(UNIT_OBJS:.o=-threads.o): %-threads.o: %.c $(wildcard src/*/*.h)
	$(CC) $(UNIT_CFLAGS) $(SANITIZE_THREAD) -c -o $@ $<

test/unit/threads_test-threads: %-threads: %.c $(UNIT_OBJS:.o=-threads.o) $(wildcard src/*/*.h test/unit/*.h)
	$(CC) $(UNIT_CFLAGS) $(SANITIZE_THREAD) -o $@ $< $(UNIT_OBJS:.o=-threads.o) $(OPENBLAS_LINK) -lm

unit-thread: test/unit/threads_test-threads
	./$<

# Programs that libFuzzer feeds with bytes: test/fuzz-kernels runs them. Conversions to integers that overflow are undefined
# behaviour, too, which the sanitizer checks only if asked by name.
FUZZ_TARGETS = $(patsubst %.c,%,$(sort $(wildcard test/unit/fuzz/*_fuzz.c)))
FUZZ_CC = clang
FUZZ_CFLAGS = $(UNIT_CFLAGS) -O1 -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer -DINVERSE_BLOCK=16

# With sanitizers, clang takes many minutes to compile its register tiles.
src/kernel/dense-fuzzed.o: FUZZ_CFLAGS += -O0
src/kernel/pairwise-fuzzed.o: FUZZ_CFLAGS += -O0

$(UNIT_OBJS:.o=-fuzzed.o): %-fuzzed.o: %.c $(wildcard src/*/*.h)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(FUZZ_TARGETS): %: %.c $(UNIT_OBJS:.o=-fuzzed.o) $(wildcard src/*/*.h test/unit/*.h test/unit/fuzz/*.h)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $< $(UNIT_OBJS:.o=-fuzzed.o) $(OPENBLAS_LINK) -lm

# Compares the kernels with the limits of the machine: with the sgemm of AVX2, then with that of this processor.
test/bench/kernel_bench test/bench/agreement: %: %.c $(UNIT_OBJS) $(wildcard src/*/*.h test/unit/*.h)
	$(CC) $(UNIT_CFLAGS) $(KERNEL_CFLAGS) -o $@ $< $(UNIT_OBJS) $(OPENBLAS_LINK) -lm

# Without -pie, addresses are those in the file.
test/bench/gaps: %: %.c $(UNIT_OBJS) $(wildcard src/*/*.h test/unit/*.h)
	$(CC) $(UNIT_CFLAGS) $(KERNEL_CFLAGS) -no-pie -o $@ $< $(UNIT_OBJS) $(OPENBLAS_LINK) -lm

# Writes the ratings for measurements: the same on any machine, so no operations are fused.
test/bench/generate: test/bench/generate.c src/kernel/random.c src/kernel/random.h
	$(CC) $(UNIT_CFLAGS) -O2 -ffp-contract=off -o $@ test/bench/generate.c src/kernel/random.c -lm

bench-kernel: test/bench/kernel_bench
	OPENBLAS_CORETYPE=Haswell ./$<
	./$<

tap:
	rm -rf tmp_check
	mkdir tmp_check
	(unset LC_ALL; '$(bindir)/initdb' -D tmp_check/template -A trust -N --lc-messages=C) >/dev/null
	INITDB_TEMPLATE='$(CURDIR)/tmp_check/template' \
	  TESTDIR='$(CURDIR)' TESTDATADIR='$(CURDIR)/tmp_check' TESTLOGDIR='$(CURDIR)/tmp_check/log' PATH='$(bindir)':"$$PATH" PG_REGRESS='$(pgxsdir)/src/test/regress/pg_regress' \
	  prove -I '$(pgxsdir)/src/test/perl' -I test/tap $(PROVE_FLAGS) $(or $(PROVE_TESTS),$(sort $(wildcard test/tap/*.pl)))

pgxsdir = $(dir $(PGXS))../..

.PHONY: remove-stale unit unit-sanitized unit-thread bench-kernel tap demo check bench small medium large valgrind assertions faults fuzz fuzz-kernels
