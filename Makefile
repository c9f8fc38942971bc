# endow: a capability-enforcing sandbox launcher. `make help` lists what people type.

VERSION := 0.1.0

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec/endow
DATADIR ?= $(PREFIX)/share/endow
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d

# The launcher is linked statically against musl, whose start-up costs a tenth of glibc's; see HACKING.md.
CC ?= cc
LAUNCHER_CC ?= musl-gcc
CLANG ?= clang
OBJCOPY ?= objcopy
BUILD ?= build

# A distribution may set CFLAGS, CPPFLAGS, LDFLAGS, and either HARDEN or LAUNCHER_HARDEN to its own.
CFLAGS ?= -O2 -g
HARDEN ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
HARDEN_LD ?= -pie -Wl,-z,relro,-z,now,-z,noexecstack
LAUNCHER_HARDEN ?= -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
# Debian's musl-gcc knows no -static-pie and would quietly link dynamically: a static PIE is put together by hand.
MUSL_LIB ?= /usr/lib/$(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))-linux-musl/
GCC_LIB := $(dir $(shell $(CC) -print-file-name=crtbeginS.o))
LAUNCHER_HARDEN_LD ?= -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text,-z,relro,-z,now,-z,noexecstack
LAUNCHER_CRT ?= $(MUSL_LIB)rcrt1.o $(MUSL_LIB)crti.o $(GCC_LIB)crtbeginS.o
LAUNCHER_CRT_END ?= $(GCC_LIB)crtendS.o $(MUSL_LIB)crtn.o

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wvla -Wundef -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wformat=2 -Wconversion -Wno-sign-conversion \
	-Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion \
	-Werror=return-type -Werror=format -Werror=format-security -Werror=uninitialized -Werror=implicit-fallthrough \
	-Werror=vla -Werror=switch -Werror=missing-prototypes -Werror=strict-prototypes -Werror=discarded-qualifiers \
	-Werror=undef -Werror=shadow -Werror=array-bounds -Werror=sizeof-pointer-memaccess
# clang calls one of them otherwise
CLANG_WARN := $(subst -Werror=discarded-qualifiers,-Werror=incompatible-pointer-types-discards-qualifiers,$(WARN))

# The build's name: an image made by another build is never used.
BUILD_ID := $(shell cat $(wildcard lib/*.[ch] policy/*.[ch]) | sha256sum | cut -c1-16)
DEFS := -D_GNU_SOURCE -DENDOW_VERSION='"$(VERSION)"' -DENDOW_BUILD_ID='"$(VERSION)-$(BUILD_ID)"' \
	-DENDOW_BINDIR='"$(BINDIR)"' -DENDOW_LIBEXECDIR='"$(LIBEXECDIR)"' -DENDOW_DATADIR='"$(DATADIR)"'
BASE_CFLAGS := -std=gnu17 $(WARN) $(DEFS) -Ilib -MMD -MP

# One object list for each level of trust. ---------------------------------------------------------------------------------

# Shared, pure: no authority, linked into both sides.
LIB := lib/err lib/hash lib/image lib/image_words lib/frames lib/wire

# The compiler: bytes in, image out. It opens nothing, and the launcher runs it confined.
COMPILER := $(addprefix policy/,utf8 memory diag lex tree parse statements grants held_words held peers value expand search graph check reach surroundings \
	settle emit print calls families stages filter shrink compile)

# The launcher: it holds the authority.
LAUNCHER := launcher/options launcher/spell launcher/say launcher/find launcher/cache launcher/compiler launcher/landlock launcher/resolve \
	launcher/walk launcher/guard launcher/view launcher/program launcher/surroundings launcher/made launcher/scratch launcher/scene launcher/scene_way launcher/scene_except launcher/note \
	launcher/plan launcher/grants launcher/descriptors launcher/holding launcher/peers launcher/lend launcher/enter \
	launcher/caps launcher/capshim launcher/start launcher/process launcher/supervise launcher/pair launcher/hearing launcher/strays launcher/relay launcher/show \
	$(addprefix launcher/broker/,table objects packet opening connecting requests server outside log journal asking asking_hold asking_request asking_make asker asker_things freeze helper answer_line) lib/control lib/plain policy/utf8 \
	$(addprefix launcher/notify/,notify call taint paths beneath open change otherwise allowed denials net net_address net_jobs net_send net_tell net_look net_signal net_unix judge) $(addprefix launcher/names/,resolver names files dns responder)

# The proof: known bypasses, tried from inside the finished sandbox. It runs with the program's authority, not the launcher's.
PROOF := $(addprefix launcher/proof/,proof prove prove_scope keeper targets tries tries_read tries_write tries_meta tries_exec \
	tries_net tries_unix tries_proc tries_kernel tries_system tries_self)

# Tools without authority: the doctor looks, compiles, and tries what the kernel can do on itself.
DOCTOR := $(addprefix launcher/doctor/,doctor needs probes report) launcher/landlock launcher/find launcher/view
# endow explain, can, matrix, diff, lock, check, fmt: they read policies and look at names.
# Pure: texts and images go in, answers come out; names are looked up in a world that somebody hands over.
REVIEW_PURE := $(addprefix policy/review/,world word script model making_words making_held making_peers making_view effect held peers subject given ask ask_sockets ask_parse ask_call compare \
	compare_files lockfile explain explain_files table table_print table_html put)
REVIEW := $(REVIEW_PURE) $(addprefix policy/review/,main request files can explain_command diff lock lock_files matrix) \
	$(addprefix policy/review/,check fmt findings lint lint_allow lint_ambient lint_calls lint_env lint_here lint_lock lint_look \
	lint_net lint_order lint_places lint_report lint_table lint_trust lint_use sarif cells layout text source_file) \
	launcher/find launcher/guard launcher/landlock
# The observer: the program runs with the caller's authority, and it watches. What is made of what it saw is pure.
LEARN_PURE := $(addprefix launcher/learn/,record need setting items choose lines generalise write)
LEARN := $(LEARN_PURE) $(addprefix launcher/learn/,learn outset begin attend look observe acts addresses near shelf) launcher/find \
	launcher/program launcher/resolve launcher/walk
# What programs link with.
LIBENDOW := err wire libendow/client libendow/calls libendow/enclose libendow/promise promise_table
# The person outside: asks a supervisor, and holds what that person holds.
CONTROL := launcher/control/control launcher/control/sandboxes lib/control
# The person at the terminal is asked by a program that holds nothing but that terminal.
ASK := launcher/process launcher/ask/ask launcher/ask/terminal launcher/ask/picker lib/plain lib/image_words lib/err policy/utf8
TOOLS := endow-doctor endow-learn endow-review endow-control endow-ask

# What is built ------------------------------------------------------------------------------------------------------------

.DEFAULT_GOAL := all
# `make V=1` shows the commands whole.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))
O := $(BUILD)/obj
MUSL_INCLUDES := -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -dumpmachine)
LIBCAPNG_A ?= $(firstword $(wildcard /usr/lib/$(shell $(CC) -dumpmachine)/libcap-ng.a /usr/lib/libcap-ng.a))
COMPILER_LIBS := -lseccomp -lcap-ng

# The arena is malloc itself: the compiler may not turn its parts into calls of it.
$(O)/launcher/launcher/arena.o $(O)/test-launcher/launcher/arena.o: CPPFLAGS += -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc

$(O)/launcher/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(LAUNCHER_CC) $(BASE_CFLAGS) -Ilauncher -Ilauncher/proof $(CFLAGS) $(LAUNCHER_HARDEN) $(CPPFLAGS) $(MUSL_INCLUDES) -c -o $@ $<

$(O)/test-launcher/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(LAUNCHER_CC) $(BASE_CFLAGS) -DENDOW_TEST_WITHOUT -Ilauncher -Ilauncher/proof $(CFLAGS) $(LAUNCHER_HARDEN) $(CPPFLAGS) $(MUSL_INCLUDES) -c -o $@ $<

$(O)/policy/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(BASE_CFLAGS) -Ipolicy -Ilauncher $(CFLAGS) $(HARDEN) $(CPPFLAGS) -c -o $@ $<

# The build's name is in one object of each side, which has to follow it.
$(BUILD)/gen/build-id: FORCE
	@mkdir -p $(@D)
	@echo $(BUILD_ID) | cmp -s - $@ || echo $(BUILD_ID) >$@
FORCE:
$(patsubst %,$(O)/%/lib/image.o,launcher test-launcher policy unit): $(BUILD)/gen/build-id

objects = $(patsubst %,$(O)/$(1)/%.o,$(2))

.PHONY: all
all: $(BUILD)/endow $(BUILD)/libexec/endow-compile $(TOOLS:%=$(BUILD)/libexec/%) $(BUILD)/share libendow

.PHONY: libendow
libendow: $(BUILD)/lib/libendow.a $(BUILD)/lib/libendow.so.0 $(BUILD)/lib/endow.pc

$(BUILD)/libexec/endow-compile: $(call objects,policy,$(LIB) $(COMPILER) policy/main)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(COMPILER_LIBS)

$(BUILD)/libexec/endow-doctor: $(call objects,policy,$(LIB) $(COMPILER) $(DOCTOR))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(COMPILER_LIBS)

$(BUILD)/libexec/endow-control: $(call objects,policy,$(LIB) $(CONTROL))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^

$(BUILD)/libexec/endow-ask: $(call objects,policy,$(ASK))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^

$(BUILD)/libexec/endow-review: $(call objects,policy,$(LIB) $(COMPILER) $(REVIEW))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(COMPILER_LIBS)

$(BUILD)/libexec/endow-learn: $(call objects,policy,$(LIB) $(COMPILER) $(LEARN))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(COMPILER_LIBS)

# libendow: what programs ask the broker with. One object, in which everything but the functions of endow.h is local. ----------
LIBENDOW_O := $(O)/libendow
LIBENDOW_FLAGS = $(filter-out -fPIE -pie,$(HARDEN)) -fPIC -fvisibility=hidden -pthread

$(LIBENDOW_O)/%.o: lib/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) $(LIBENDOW_FLAGS) $(CPPFLAGS) -c -o $@ $<

# The filter of endow_promise(3), from the compiler's tables: libendow itself needs neither these nor libseccomp.
$(BUILD)/promise_table: $(call objects,policy,$(LIB) policy/promise_table policy/promise_filter $(addprefix policy/,calls families stages shrink graph search))
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(COMPILER_LIBS)

$(BUILD)/gen/promise_table.c: $(BUILD)/promise_table
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)$(BUILD)/promise_table >$@.new && mv $@.new $@

$(LIBENDOW_O)/promise_table.o: $(BUILD)/gen/promise_table.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(BASE_CFLAGS) -Ilib/libendow $(CFLAGS) $(LIBENDOW_FLAGS) $(CPPFLAGS) -c -o $@ $<

$(BUILD)/lib/libendow.a: $(LIBENDOW:%=$(LIBENDOW_O)/%.o)
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)$(CC) -r -nostdlib -o $(LIBENDOW_O)/libendow.o $^
	$(Q)$(OBJCOPY) --localize-hidden $(LIBENDOW_O)/libendow.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIBENDOW_O)/libendow.o

$(BUILD)/lib/libendow.so.0: $(LIBENDOW:%=$(LIBENDOW_O)/%.o) lib/libendow/libendow.map
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -shared -pthread -Wl,-soname,libendow.so.0 -Wl,--version-script=lib/libendow/libendow.map -Wl,-z,defs \
		$(filter-out -pie,$(HARDEN_LD)) $(LDFLAGS) -o $@ $(filter %.o,$^)
	$(Q)ln -sfn libendow.so.0 $(BUILD)/lib/libendow.so

# It follows PREFIX and the like, which may be others than last time.
$(BUILD)/lib/endow.pc: lib/libendow/endow.pc.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' $< >$@

# The embedded default: compiled at build time, carried by the launcher as bytes.
$(BUILD)/embed: $(call objects,policy,$(LIB) $(COMPILER) policy/embed)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(COMPILER_LIBS)

$(BUILD)/gen/builtin.c: $(BUILD)/embed policy/library/default.policy $(wildcard policy/library/fragments/*)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)$(BUILD)/embed policy/library/default.policy policy/library/fragments >$@.new && mv $@.new $@

$(O)/launcher/builtin.o: $(BUILD)/gen/builtin.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(LAUNCHER_CC) $(BASE_CFLAGS) -Ilauncher -Ilauncher/proof $(CFLAGS) $(LAUNCHER_HARDEN) $(CPPFLAGS) -c -o $@ $<

$(BUILD)/endow: $(call objects,launcher,$(LIB) launcher/arena launcher/main $(LAUNCHER) $(PROOF)) $(O)/launcher/builtin.o $(O)/launcher/cap-ng.a
	$(call say,LD,$@)
	$(Q)$(LAUNCHER_CC) $(CFLAGS) $(LAUNCHER_HARDEN_LD) $(LDFLAGS) -o $@ $(LAUNCHER_CRT) $(filter %.o %.a,$^) $(LAUNCHER_CRT_END)

# The same with a switch that takes layers away, for the tests alone.
$(BUILD)/test/endow: $(call objects,test-launcher,$(LIB) launcher/arena launcher/main $(LAUNCHER) $(PROOF)) $(O)/launcher/builtin.o $(O)/launcher/cap-ng.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LAUNCHER_CC) $(CFLAGS) $(LAUNCHER_HARDEN_LD) $(LDFLAGS) -o $@ $(LAUNCHER_CRT) $(filter %.o %.a,$^) $(LAUNCHER_CRT_END)
	ln -sfn ../libexec $(@D)/libexec
	ln -sfn ../share $(@D)/share

# libcap-ng without its constructor, which would read /proc at every launch: it does that work at its first use as well. An
# ordinary user's launch holds no capability and never comes to it.
$(O)/launcher/cap-ng.a: $(LIBCAPNG_A)
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)$(OBJCOPY) --remove-section=.init_array --remove-section=.rela.init_array $< $@

$(BUILD)/share:
	@mkdir -p $(BUILD)
	ln -sfn ../policy/library $@

# What people type ---------------------------------------------------------------------------------------------------------

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what building needs (Debian packages)
	@tests/setup.sh build

.PHONY: demo
demo: ## set up, build, and run a real tool on granted files; then see it refused a secret and the network
	@tests/setup.sh build
	@$(MAKE) --no-print-directory all
	@ENDOW=$(BUILD)/endow tests/demo/demo.sh

.PHONY: check
check: ## set up, build and pass every test, as root (if you are) and as an ordinary user; of programs what is installed
	@tests/setup.sh test
	@$(MAKE) --no-print-directory all tests
	@BUILD=$(BUILD) tests/run.sh

.PHONY: check-programs
check-programs: ## install every program that there is a policy for, and try each; none is left out
	@BUILD=$(BUILD) tests/setup.sh programs || echo "what could not be had fails below, by name"
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/run.sh programs

PROBE := tests/live/probe tests/live/probe_try tests/live/probe_see tests/live/probe_file tests/live/probe_act
PROBE_TRIES := lib/err launcher/proof/targets $(filter launcher/proof/tries%,$(PROOF))
UNITS := lex parse check emit image hash filter shrink tries prove landlock options find walk guard resolve cache frames wire client promise table hearing log ask review learn names
UNIT_SUPPORT := tests/unit/main tests/unit/bpf_sim tests/unit/filter_rows tests/policy/dump tests/policy/sources

# Seen from inside a sandbox: as little as possible of its own, so it is linked as the launcher is.
$(BUILD)/tests/probe: $(call objects,launcher,$(PROBE) $(PROBE_TRIES))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LAUNCHER_CC) $(CFLAGS) $(LAUNCHER_HARDEN_LD) $(LDFLAGS) -o $@ $(LAUNCHER_CRT) $(filter %.o,$^) $(LAUNCHER_CRT_END)

# It tries accesses inside a sandbox for tests/review/property.sh; what it is to execute needs nothing at all.
$(BUILD)/tests/prober: $(call objects,launcher,tests/review/prober)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LAUNCHER_CC) $(CFLAGS) $(LAUNCHER_HARDEN_LD) $(LDFLAGS) -o $@ $(LAUNCHER_CRT) $^ $(LAUNCHER_CRT_END)

$(BUILD)/tests/tiny: tests/review/tiny.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=gnu17 $(WARN) -Os -static -nostdlib -nostartfiles -fno-stack-protector -fno-pie -no-pie -Wl,-z,noseparate-code,--build-id=none,-s -o $@ $<

# The units are the same sources, built with glibc and the sanitizers.
SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
$(O)/unit/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(BASE_CFLAGS) -Ipolicy -Ilauncher -Ilauncher/proof -Itests/unit -Itests/policy -O1 -g $(SANITIZE) $(CPPFLAGS) -c -o $@ $<

$(O)/unit/builtin.o: $(BUILD)/gen/builtin.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(BASE_CFLAGS) -Ilauncher -O1 -g $(SANITIZE) -c -o $@ $<

$(BUILD)/tests/unit: $(call objects,unit,$(LIB) lib/libendow/client lib/libendow/calls lib/libendow/enclose policy/promise_filter $(COMPILER) $(filter-out launcher/compiler,$(LAUNCHER)) $(PROOF) $(REVIEW_PURE) $(LEARN_PURE) $(UNIT_SUPPORT) \
		$(UNITS:%=tests/unit/%_test)) $(O)/unit/builtin.o
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(COMPILER_LIBS) -lcheck -lsubunit -lrt -lm -lpthread

$(BUILD)/tests/goldens: $(call objects,unit,$(LIB) $(COMPILER) tests/policy/run tests/policy/dump tests/policy/sources)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(COMPILER_LIBS)

# The broker's checks, with libendow linked in and with the shared one.
$(BUILD)/tests/conformance: $(wildcard tests/broker/*.[ch]) $(BUILD)/lib/libendow.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) -Ilib/libendow $(CFLAGS) -o $@ $(filter %.c %.a,$^) -pthread

$(BUILD)/tests/conformance-so: $(wildcard tests/broker/*.[ch]) $(BUILD)/lib/libendow.so.0
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)cp $(BUILD)/lib/libendow.so.0 $(@D)/
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) -Ilib/libendow $(CFLAGS) '-Wl,-rpath,$$ORIGIN' -o $@ $(filter %.c %.so.0,$^)

# endow_promise(3), with libendow linked in and with the shared one; and the example of its page.
PROMISE_TEST := $(wildcard tests/live/promise*.[ch])
$(BUILD)/tests/promise: $(PROMISE_TEST) $(BUILD)/lib/libendow.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) -Ilib/libendow $(CFLAGS) -static -o $@ $(filter %.c %.a,$^) -pthread

$(BUILD)/tests/promise-so: $(PROMISE_TEST) $(BUILD)/tests/conformance-so
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) -Ilib/libendow $(CFLAGS) '-Wl,-rpath,$$ORIGIN' -o $@ $(filter %.c,$^) $(@D)/libendow.so.0 -pthread

$(BUILD)/gen/promise_example.c: man/endow_promise.3
	@mkdir -p $(@D)
	$(Q)sed -n '/^#include <endow.h>/,/^\.Ed/ { /^\.Ed/d; s/\\e/\\/g; p }' $< >$@

$(BUILD)/tests/promise-example: $(BUILD)/gen/promise_example.c $(BUILD)/lib/libendow.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=gnu17 $(WARN) -Ilib/libendow $(CFLAGS) -o $@ $^ -pthread

# What has to be true of all that `endow fmt` lays out, tried on many texts.
$(BUILD)/tests/fmt_property: $(call objects,unit,$(LIB) $(COMPILER) $(addprefix policy/review/,cells layout text) \
		tests/policy/dump tests/policy/sources tests/review/fmt_property)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(COMPILER_LIBS)

.PHONY: tests
tests: all $(BUILD)/tests/conformance $(BUILD)/tests/conformance-so $(BUILD)/tests/promise $(BUILD)/tests/promise-so $(BUILD)/tests/promise-example $(BUILD)/test/endow $(BUILD)/tests/probe $(BUILD)/tests/service $(BUILD)/tests/unit $(BUILD)/tests/goldens $(BUILD)/tests/fmt_property \
	$(BUILD)/tests/prober $(BUILD)/tests/tiny $(BUILD)/tests/racer $(BUILD)/tests/brokered $(BUILD)/tests/race_net $(BUILD)/tests/fetch $(BUILD)/tests/asks

# A service for the tests under systemd: static, so that it runs whatever the unit takes away.
$(BUILD)/tests/service: tests/live/service.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(BASE_CFLAGS) -MF $(O)/service.d $(CFLAGS) -static -o $@ $<

# What asks the person, with libendow: static, for the same reason.
$(BUILD)/tests/asks: tests/live/asks.c $(BUILD)/lib/libendow.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) -Ilib/libendow $(CFLAGS) -static -o $@ $^ -pthread

# What races and dies where the supervisor does its calls: static, so that nothing is to be granted for it.
$(BUILD)/tests/racer: tests/live/racer.c tests/live/racer_control.c tests/live/racer.h
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) $(CFLAGS) -static -pthread -o $@ $(filter %.c,$^)

$(BUILD)/tests/race_net: tests/live/race_net.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) $(CFLAGS) -static -pthread -o $@ $<

# A program of musl's: its resolver is another.
$(BUILD)/tests/fetch: tests/live/fetch.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LAUNCHER_CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) $(CFLAGS) -static -o $@ $<

$(BUILD)/tests/brokered: tests/live/brokered.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) $(CFLAGS) -static -pthread -o $@ $<

$(BUILD)/bench/launch $(BUILD)/bench/calls $(BUILD)/bench/cpu $(BUILD)/bench/served: $(BUILD)/bench/%: tests/bench/%.c
	@mkdir -p $(@D) $(O)/bench
	$(call say,LD,$@)
	$(Q)$(CC) $(BASE_CFLAGS) -MF $(O)/bench/$*.d $(CFLAGS) -o $@ $<

$(BUILD)/bench/broker $(BUILD)/bench/held: $(BUILD)/bench/%: tests/bench/%.c $(BUILD)/lib/libendow.a
	@mkdir -p $(@D) $(O)/bench
	$(call say,LD,$@)
	$(Q)$(CC) $(BASE_CFLAGS) -Ilib/libendow -MF $(O)/bench/$*.d $(CFLAGS) -o $@ $(filter %.c %.a,$^) -pthread

$(BUILD)/bench/floor_table: $(call objects,policy,$(LIB) launcher/landlock tests/bench/floor_table) $(O)/unit/builtin.o
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^

# The floor: the same rules and the same filter as the launcher's for /bin/true, and no more.
$(BUILD)/bench/floor_table.h: $(BUILD)/bench/floor_table $(BUILD)/endow
	$(call say,GEN,$@)
	$(Q)$(BUILD)/endow --no-policy --json /bin/true | $(BUILD)/bench/floor_table >$@.new && mv $@.new $@

$(O)/bench/floor.o: tests/bench/floor.c $(BUILD)/bench/floor_table.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(LAUNCHER_CC) $(BASE_CFLAGS) -I$(BUILD)/bench $(CFLAGS) $(LAUNCHER_HARDEN) -c -o $@ $<

$(BUILD)/bench/floor: $(O)/bench/floor.o
	$(call say,LD,$@)
	$(Q)$(LAUNCHER_CC) $(CFLAGS) $(LAUNCHER_HARDEN_LD) $(LDFLAGS) -o $@ $(LAUNCHER_CRT) $^ $(LAUNCHER_CRT_END)

.PHONY: bench
bench: all $(BUILD)/bench/launch $(BUILD)/bench/calls $(BUILD)/bench/broker $(BUILD)/bench/held $(BUILD)/bench/served $(BUILD)/bench/cpu $(BUILD)/bench/floor ## measure launches against bare exec, the floor and the peers that are installed; a build inside against outside
	@BUILD=$(BUILD) tests/bench/run.sh $(BENCH_ARGS)

# Ten minutes each unless FUZZ_SECONDS says otherwise. What is found is added to the corpus by hand, once mended.
FUZZ_SECONDS ?= 600
FUZZ_FLAGS := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -g -O1
$(BUILD)/fuzz/%: tests/fuzz/%_fuzz.c $(wildcard lib/*.[ch] policy/*.[ch] launcher/landlock.c)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CLANG) -std=gnu17 $(DEFS) -Ilib -Ipolicy -Itests/policy $(FUZZ_FLAGS) -o $@ $< tests/policy/dump.c tests/policy/sources.c $(LIB:%=%.c) $(COMPILER:%=%.c) $(COMPILER_LIBS)

$(BUILD)/fuzz/dns: tests/fuzz/dns_fuzz.c launcher/names/dns.c launcher/names/dns.h
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CLANG) -std=gnu17 $(DEFS) -Ilib -Ilauncher $(FUZZ_FLAGS) -o $@ $(filter %.c,$^)

.PHONY: fuzz
fuzz: $(BUILD)/fuzz/policy $(BUILD)/fuzz/image $(BUILD)/fuzz/wire $(BUILD)/fuzz/dns ## fuzz the policy text, the image reader, the broker's packets and those of DNS (FUZZ_SECONDS each)
	@for target in policy image wire dns; do \
		mkdir -p $(BUILD)/fuzz/new-$$target; \
		$(BUILD)/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -dict=tests/fuzz/policy.dict \
			-artifact_prefix=$(BUILD)/fuzz/$$target- $(BUILD)/fuzz/new-$$target tests/fuzz/corpus/$$target || exit 1; \
	done

SOURCES = $(wildcard lib/*.c lib/libendow/*.c policy/*.c launcher/*.c launcher/proof/*.c launcher/doctor/*.c launcher/learn/*.c policy/review/*.c)
.PHONY: analyze
analyze: ## gcc -fanalyzer, clang-tidy, scan-build, cppcheck and shellcheck, with nothing to say
	@tests/analyze.sh '$(DEFS)'

.PHONY: format
format: ## lay the sources out as .clang-format says
	clang-format -i $(wildcard lib/*.[ch] lib/libendow/*.[ch] policy/*.[ch] policy/review/*.[ch] launcher/*.[ch] launcher/proof/*.[ch] launcher/broker/*.[ch] launcher/notify/*.[ch] launcher/names/*.[ch] launcher/ask/*.[ch] launcher/control/*.[ch] launcher/learn/*.[ch] tests/*/*.[ch])

# Without blank lines and those that hold only a comment.
lines = $$(cat $(1) | grep -vcE '^[[:space:]]*(/?\*.*|//.*|\#.*)?$$$$')
.PHONY: stats
stats: ## lines that hold authority, lines that do not, and the tests
	@echo "holds authority    (launcher/, lib/)        $(call lines,launcher/*.[ch] lib/*.[ch])"
	@echo "holds what is granted (launcher/broker/)    $(call lines,launcher/broker/*.[ch])"
	@echo "does it for the program (launcher/notify/, names/) $(call lines,launcher/notify/*.[ch] launcher/names/*.[ch])"
	@echo "holds a terminal   (launcher/ask/)          $(call lines,launcher/ask/*.[ch])"
	@echo "holds none         (policy/)                $(call lines,policy/*.c policy/*.h)"
	@echo "holds none         (policy/review/)         $(call lines,policy/review/*.c policy/review/*.h)"
	@echo "holds none         (launcher/doctor/)       $(call lines,launcher/doctor/*.c launcher/doctor/*.h)"
	@echo "watches            (launcher/learn/)        $(call lines,launcher/learn/*.c launcher/learn/*.h)"
	@echo "holds the program's (launcher/proof/)       $(call lines,launcher/proof/*.c launcher/proof/*.h)"
	@echo "policies           (policy/library/)        $(call lines,policy/library/*.policy policy/library/fragments/*)"
	@echo "tests              (tests/)                 $$(find tests -name '*.[ch]' -o -name '*.sh' -o -name '*.policy' -o -name '*.ok' -o -name '*.err' -o -name '*.py' | xargs cat | wc -l)"
	@echo "manual             (man/, *.md)             $(call lines,man/* *.md)"

.PHONY: install
install: all ## install under PREFIX (DESTDIR is honoured)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DATADIR)/fragments $(DESTDIR)$(MANDIR)/man1 \
		$(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(LIBDIR) $(DESTDIR)$(PKGCONFIGDIR) \
		$(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	install -m 755 $(BUILD)/endow $(DESTDIR)$(BINDIR)/endow
	install -m 755 $(BUILD)/libexec/endow-compile $(TOOLS:%=$(BUILD)/libexec/%) $(DESTDIR)$(LIBEXECDIR)/
	install -m 644 policy/library/*.policy $(DESTDIR)$(DATADIR)/
	install -m 644 policy/library/fragments/* $(DESTDIR)$(DATADIR)/fragments/
	install -m 644 man/*.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 man/*.3 $(DESTDIR)$(MANDIR)/man3/
	install -m 644 man/*.5 $(DESTDIR)$(MANDIR)/man5/
	install -m 644 man/*.7 $(DESTDIR)$(MANDIR)/man7/
	install -m 755 $(BUILD)/lib/libendow.so.0 $(DESTDIR)$(LIBDIR)/
	ln -sfn libendow.so.0 $(DESTDIR)$(LIBDIR)/libendow.so
	install -m 644 $(BUILD)/lib/libendow.a $(DESTDIR)$(LIBDIR)/
	install -m 644 $(BUILD)/lib/endow.pc $(DESTDIR)$(PKGCONFIGDIR)/
	install -m 644 lib/libendow/endow.h $(DESTDIR)$(INCLUDEDIR)/
	install -d $(DESTDIR)$(DATADIR)/python
	install -m 644 contrib/python/endow_broker.py $(DESTDIR)$(DATADIR)/python/
	install -m 644 contrib/completions/endow.bash $(DESTDIR)$(BASHCOMPDIR)/endow
	install -m 644 contrib/completions/_endow $(DESTDIR)$(ZSHCOMPDIR)/_endow
	install -m 644 contrib/completions/endow.fish $(DESTDIR)$(FISHCOMPDIR)/endow.fish

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DATADIR)
	rm -f $(DESTDIR)$(BINDIR)/endow $(DESTDIR)$(MANDIR)/man1/endow.1 $(DESTDIR)$(MANDIR)/man1/endow-*.1 $(DESTDIR)$(MANDIR)/man5/endow.policy.5 \
		$(DESTDIR)$(LIBDIR)/libendow.so.0 $(DESTDIR)$(LIBDIR)/libendow.so $(DESTDIR)$(LIBDIR)/libendow.a \
		$(DESTDIR)$(PKGCONFIGDIR)/endow.pc $(DESTDIR)$(INCLUDEDIR)/endow.h $(DESTDIR)$(MANDIR)/man7/endow-broker.7 \
		$(patsubst man/%,$(DESTDIR)$(MANDIR)/man3/%,$(wildcard man/*.3)) \
		$(DESTDIR)$(BASHCOMPDIR)/endow $(DESTDIR)$(ZSHCOMPDIR)/_endow $(DESTDIR)$(FISHCOMPDIR)/endow.fish

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

-include $(wildcard $(O)/libendow/*.d $(O)/*/*/*.d $(O)/*/*/*/*.d)
