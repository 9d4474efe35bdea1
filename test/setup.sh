# Common parts of the programs in this directory: the packages, a private copy of the tree, the build, a temporary server. This
# file is sourced, never run by itself.
#
# Plain sh, so that missing prerequisites are reported even on a system without bash.

set -eu

program=test/$(basename -- "$0")
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

become=			# how to become the server's user, in front of a command
work=			# our temporary directory, once it is made
child=			# the process group that `run` waits for
fragment=		# the file that keeps a package from making a cluster
keep=			# not empty: the server outlives this program
settings=		# lines of postgresql.conf that the program wants
postgres=		# what to start instead of the server's own program

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf '%s: %s\n' "$program" "$*" >&2
	exit 1
}

# Nothing of the caller's environment may reach the build or the tests: no make that runs this program in a recipe, no server,
# no language.
clean_environment()
{
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES LANGUAGE
	for name in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p'); do
		unset "$name"
	done
	for name in $(env | sed -n 's/^\(LC_[A-Z]*\)=.*/\1/p'); do
		unset "$name"
	done
	LANG=C.UTF-8
	LC_ALL=C.UTF-8
	export LANG LC_ALL
	exec </dev/null
}

# ---- the temporary directory, and the end

# Directly under /tmp, whatever TMPDIR is: the path of a socket in it must be shorter than a hundred bytes.
make_work()
{
	work=$(mktemp -d "/tmp/rec-$1.XXXXXX")
	log=$work/log
	trap finish EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# Prints the last output, after all is removed.
closing()
{
	:
}

finish()
{
	status=$?
	trap - EXIT
	trap '' HUP INT TERM
	set +e
	[ -z "$child" ] || stop_child
	[ -z "$fragment" ] || allow_main_cluster
	if [ -z "$keep" ] || [ "$status" -ne 0 ]; then
		cd /
		remove "$work"
	fi
	closing
	exit "$status"
}

# Tests have servers of their own, which their programs stop when they are told to.
stop_child()
{
	kill -s TERM -- "-$child" 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -s 0 -- "-$child" 2>/dev/null || return 0
		sleep 1
	done
	kill -s KILL -- "-$child" 2>/dev/null
}

# ---- prerequisites

has_headers()
{
	[ -f "$("$1" --includedir-server 2>/dev/null)/postgres.h" ]
}

has_server()
{
	[ -x "$("$1" --bindir 2>/dev/null)/initdb" ]
}

# Sets pg_config to the newest PostgreSQL that has both its server and its headers, else to the one that lacks least, else to
# nothing.
find_postgres()
{
	if [ -n "${PG_CONFIG:-}" ]; then
		command -v "$PG_CONFIG" >/dev/null || die "PG_CONFIG names $PG_CONFIG, which is not there"
		pg_config=$PG_CONFIG
		return
	fi
	pg_config=
	best=0
	for candidate in $(ls -d /usr/lib/postgresql/*/bin/pg_config /usr/pgsql-*/bin/pg_config /usr/libexec/postgresql*/pg_config \
		/opt/homebrew/opt/postgresql@*/bin/pg_config /usr/local/opt/postgresql@*/bin/pg_config \
		2>/dev/null | sort -rV) pg_config; do
		command -v "$candidate" >/dev/null || continue
		score=0
		! has_headers "$candidate" || score=$((score + 2))
		! has_server "$candidate" || score=$((score + 1))
		if [ "$score" -gt "$best" ]; then
			best=$score
			pg_config=$candidate
		fi
	done
}

# Whether the compiler can build a program with these flags.
compiles()
{
	compiler=cc
	[ -z "$pg_config" ] || compiler=$("$pg_config" --cc 2>/dev/null || echo cc)
	printf 'int main(void) { return 0; }\n' >"$work/probe.c"
	# unquoted: the compiler may have flags
	$compiler -o "$work/probe" "$work/probe.c" "$@" >/dev/null 2>&1
}

# Debian has the serial build in a directory of its own, beside other builds.
has_openblas()
{
	if command -v apt-get >/dev/null; then
		ls /usr/lib/*/openblas-serial/libopenblas.so >/dev/null 2>&1
	else
		compiles $(pkg-config --libs openblas 2>/dev/null || echo -lopenblas)
	fi
}

# A clang with its runtime libraries, which are separate packages.
has_fuzzer()
{
	printf '#include <stddef.h>\nint LLVMFuzzerTestOneInput(const char *data, size_t size) { return 0; }\n' >"$work/probe.c"
	clang -fsanitize=fuzzer,address,undefined -o "$work/probe" "$work/probe.c" >/dev/null 2>&1
}

# Sets `missing` to those of the given needs that are not met.
find_missing()
{
	find_postgres
	missing=
	for need in "$@"; do
		case $need in
			compiler) compiles ;;
			make) command -v make >/dev/null ;;
			server) [ -n "$pg_config" ] && has_server "$pg_config" ;;
			headers) [ -n "$pg_config" ] && has_headers "$pg_config" ;;
			openblas) has_openblas ;;
			sanitizers) compiles -fsanitize=address,undefined && compiles -fsanitize=thread ;;
			dbi) perl -MDBD::Pg -e 1 2>/dev/null ;;
			perl) command -v prove >/dev/null && perl -MTest::More -MIPC::Run -e 1 2>/dev/null ;;
			setpriv) [ "$(id -u)" -ne 0 ] || setpriv --help 2>/dev/null | grep -q -e --reuid ;;
			valgrind) command -v valgrind >/dev/null ;;
			parsers) command -v bison >/dev/null && command -v flex >/dev/null ;;
			fuzzer) has_fuzzer ;;
			citus) compiles -lpq -lssl -llz4 -lzstd -lgssapi_krb5 ;;
			browser) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
			python) python3 -m venv --help >/dev/null 2>&1 && python3 -m ensurepip --version >/dev/null 2>&1 ;;
		esac || missing="$missing $need"
	done
}

# The packages of the system's package manager for these needs.
packages()
{
	manager=$1
	shift
	for need in "$@"; do
		case $manager:$need in
			apt-get:compiler | apt-get:sanitizers) echo gcc libc6-dev ;;
			apt-get:server) echo "postgresql${version:+-$version}" ;;
			apt-get:headers) echo "postgresql-server-dev-${version:-all}" ;;
			apt-get:openblas) echo libopenblas-serial-dev ;;
			apt-get:perl) echo perl libipc-run-perl ;;
			apt-get:dbi) echo libdbd-pg-perl ;;
			apt-get:python) echo python3-venv ;;
			apt-get:fuzzer) echo clang "$(clang_libraries)" ;;
			apt-get:browser) echo chromium fonts-dejavu-core ;;
			apt-get:citus) echo libpq-dev libssl-dev liblz4-dev libzstd-dev libkrb5-dev ;;

			dnf:compiler) echo gcc redhat-rpm-config ;;
			dnf:server) echo postgresql-server postgresql-contrib ;;
			dnf:headers) echo postgresql-server-devel ;;
			dnf:openblas) echo openblas-devel pkgconf-pkg-config ;;
			dnf:sanitizers) echo libasan libubsan libtsan ;;
			dnf:perl) echo perl-Test-Simple perl-Test-Harness perl-IPC-Run ;;
			dnf:fuzzer) echo clang compiler-rt ;;
			dnf:dbi) echo perl-DBD-Pg perl-Getopt-Long perl-Time-HiRes ;;
			dnf:browser) echo chromium dejavu-sans-fonts ;;
			dnf:citus) echo libpq-devel openssl-devel lz4-devel libzstd-devel krb5-devel ;;
			*:python) echo python3 ;;

			apk:compiler) echo build-base ;;
			apk:server) echo postgresql17 postgresql17-contrib ;;
			apk:headers) echo postgresql17-dev ;;
			apk:openblas) echo openblas-dev pkgconf ;;
			apk:perl) echo perl perl-utils perl-ipc-run ;;
			apk:fuzzer) echo clang compiler-rt ;;
			apk:dbi) echo perl perl-dbd-pg ;;
			apk:browser) echo chromium font-dejavu ;;
			apk:citus) echo libpq-dev openssl-dev lz4-dev zstd-dev krb5-dev ;;

			brew:compiler) echo gcc ;;
			brew:server | brew:headers) echo postgresql@17 ;;
			brew:openblas) echo openblas pkgconf ;;
			brew:perl | brew:dbi) echo perl cpanminus ;;

			brew:fuzzer) echo llvm ;;
			brew:setpriv) ;;
			brew:browser) echo chromium ;;
			brew:citus) echo libpq openssl lz4 zstd krb5 ;;
			*:setpriv) [ "$manager" = apk ] && echo setpriv || echo util-linux ;;
			*:make) echo make ;;
			*:parsers) echo bison flex perl ;;
			*:valgrind) echo valgrind ;;
		esac
	done | tr ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# The packages are named by version; a package without a version depends on the right one.
clang_libraries()
{
	clang_version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	for package in libclang-rt-dev "libclang-rt-$clang_version-dev" "libclang-common-$clang_version-dev"; do
		if apt-cache show "$package" >/dev/null 2>&1; then
			echo "$package"
			return
		fi
	done
}

# Says what to install, where this program does not.
refuse()
{
	{
		say "$program: this system lacks:$missing"
		case $1 in
			none) say "Install them: a C compiler, make, PostgreSQL with its server headers, OpenBLAS, Perl's IPC::Run and DBD::Pg, Chromium." ;;
			*)
				say "Install, then run $program again:"
				say
				say "    $2"
				;;
		esac
	} >&2
	exit 1
}

# Installs the missing ones of the given needs, or says how to.
meet_needs()
{
	find_missing "$@"
	[ -n "$missing" ] || return 0

	if [ -n "${PG_CONFIG:-}" ]; then
		case "$missing " in
			*" server "* | *" headers "*) die "$PG_CONFIG has no server or no server headers beside it" ;;
		esac
	fi

	# unquoted below: lists of words
	if command -v apt-get >/dev/null; then
		install_debian $missing
		find_missing "$@"
		[ -z "$missing" ] || die "still missing after the install:$missing"
	elif command -v dnf >/dev/null; then
		refuse dnf "sudo dnf install $(packages dnf $missing)"
	elif command -v apk >/dev/null; then
		refuse apk "apk add $(packages apk $missing)"
	elif command -v brew >/dev/null; then
		case $missing in
			*perl* | *dbi*) refuse brew "brew install $(packages brew $missing) && cpanm IPC::Run DBD::Pg" ;;
			*) refuse brew "brew install $(packages brew $missing)" ;;
		esac
	else
		refuse none
	fi
}

# ---- Debian's packages

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

install_debian()
{
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
		version=$(distribution_version)
		refuse apt-get "apt-get install --no-install-recommends $(packages apt-get "$@")      (as root)"
	fi

	# an outdated list may still do if the network is down
	apt update || say "$program: could not refresh the package lists, trying with the ones that are there" >&2

	if [ -n "$pg_config" ]; then
		version=$("$pg_config" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
	else
		version=$(distribution_version)
		[ -n "$version" ] || die "the package lists know no PostgreSQL"
	fi

	wanted=$(packages apt-get "$@")
	say "Installing $wanted"
	forbid_main_cluster
	apt install -y --no-install-recommends $wanted >"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "could not install: $wanted"
	}
	allow_main_cluster
}

distribution_version()
{
	apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
}

# Debian's server package creates a cluster and starts it on port 5432 when it is first installed. Nobody asked for that, so a
# setting prevents it while this program installs.
forbid_main_cluster()
{
	fragment=/etc/postgresql-common/createcluster.d/rec-test.conf
	as_root mkdir -p "${fragment%/*}"
	say 'create_main_cluster = false' | as_root tee "$fragment" >/dev/null
}

allow_main_cluster()
{
	as_root rm -f "$fragment"
	as_root rmdir "${fragment%/*}" 2>/dev/null || true
	fragment=
}

# ---- running commands as a user who may start a server

# PostgreSQL's server programs refuse to run as root.
choose_user()
{
	bindir=$("$pg_config" --bindir)
	user=$(id -un)
	if [ "$(id -u)" -eq 0 ]; then
		for user in postgres nobody; do
			! id -u "$user" >/dev/null 2>&1 || break
		done
		become="setpriv --reuid=$(id -u "$user") --regid=$(id -g "$user") --init-groups"
	fi

	# In a session of its own, the command and all processes that it starts are one group, which can be stopped together.
	detach=
	! command -v setsid >/dev/null || detach=setsid
}

# Runs a command as that user. In the background, because a shell that waits for a command in the foreground does not handle
# signals until it ends.
run()
{
	# unquoted: lists of words, possibly empty
	$detach $become env HOME="$work" USER="$user" LOGNAME="$user" "$@" &
	child=$!
	result=0
	wait "$child" || result=$?
	child=
	return "$result"
}

# Seconds since this moment.
now()
{
	if [ -r /proc/uptime ]; then
		read -r seconds _ </proc/uptime
		echo "$seconds"
	else
		date +%s
	fi
}

# since MOMENT LABEL: prints how long this step took, in seconds, which is also in the variable `elapsed`.
since()
{
	elapsed=$(echo "$1 $(now)" | awk '{ printf "%.1f", $2 - $1 }')
	printf '%-24s %6s s\n' "$2" "$elapsed"
}

# step LABEL COMMAND...: runs the command, with its output going to the log.
step()
{
	label=$1
	shift
	began=$(now)
	"$@" >"$log" 2>&1 || {
		tail -n 60 "$log" >&2
		die "failed: $label"
	}
	since "$began" "$label"
}

# ---- build and install

# The tree may belong to another user, may not be readable or writable for the server's user, and may have been built for
# another version.
copy_tree()
{
	mkdir "$work/rec"
	cp -R "$root"/* "$work/rec"
	[ "$(id -u)" -ne 0 ] || chown -R "$user" "$work"
	cd "$work/rec"
	run make -s clean PG_CONFIG="$pg_config" >"$log" 2>&1
}

build()
{
	run make -s -j"$jobs" PG_CONFIG="$pg_config"
}

install_extension()
{
	if [ -w "$("$pg_config" --pkglibdir)" ] && [ -w "$("$pg_config" --sharedir)/extension" ]; then
		make -s install PG_CONFIG="$pg_config"
	else
		as_root make -s install PG_CONFIG="$pg_config"
	fi
}

# ---- the server

# The directory is closed to other users, so anyone who can reach the socket is trusted; there is no port.
start_server()
{
	run "$bindir/initdb" -D "$work/data" -U postgres -A trust --locale=C.UTF-8 --encoding=UTF8 --no-sync
	cat >>"$work/data/postgresql.conf" <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$work'
		fsync = off
		shared_buffers = 128MB
		$settings
	CONF
	# unquoted: nothing, or an option
	run "$bindir/pg_ctl" ${postgres:+-p $postgres} -D "$work/data" -l "$work/server.log" -w -t 300 start || {
		cat "$work/server.log"
		return 1
	}
	PGHOST=$work
	PGPORT=5432
	PGUSER=postgres
	PGDATABASE=postgres
	PGCLIENTENCODING=UTF8
	export PGHOST PGPORT PGUSER PGDATABASE PGCLIENTENCODING
}

# Removes one of our directories and stops the servers in it: the one that this program started, and any that a test was about
# to stop when it was interrupted.
remove()
{
	find "$1" -name postmaster.pid 2>/dev/null | while read -r pid_file; do
		$become "$bindir/pg_ctl" -D "${pid_file%/*}" -m immediate stop >/dev/null 2>&1 || true
	done
	# A process that is just ending may still write a file.
	rm -rf "$1" 2>/dev/null || {
		sleep 1
		rm -rf "$1"
	}
}
