#!/bin/sh
# Captures how the pods of a Kubernetes node are wired, for aksnet-parse to read: `sh collect.sh --help`.
# It only reads. Of containers it asks for ids, names, processes and network namespaces, never for environment, command
# lines or mounts. Everything stands in functions, so that a shell that reads this from a pipe has read it all before
# the first command runs.

set -u

usage() {
    printf '%s\n' \
        'usage: collect.sh [FILE]' \
        '' \
        'Captures the network of this Kubernetes node: interfaces, routes, neighbours and bridges of the node and of the' \
        'network namespace of each pod, the names of the pods (crictl or docker) and the CNI configuration. Run it as root' \
        'on the node, or in a container of kubectl debug node/NAME --profile=sysadmin.' \
        '' \
        'FILE       where to write; it must not exist yet and is readable by you alone. - is standard output, as is no FILE.' \
        '-h, --help  show this and exit' \
        '' \
        'It only reads, and collects no environment, no command line, no mount and no secret. What it could not collect it' \
        'says on standard error and in the text. Exit status: 0 written, 1 nothing to write or FILE cannot be written,' \
        '2 wrong usage. Then: aksnet-parse FILE'
}

# --- what is written --------------------------------------------------------------------------------------------------

# Names of interfaces may hold anything, also what steers a terminal.
clean() {
    tr -d '\000-\010\013-\037\177'
}

remark() {
    printf '# %s\n' "$1" | clean >&3
}

# In the text as well as to whoever runs this.
lacks() {
    lacking=$((lacking + 1))
    remark "not collected: $1"
    printf 'collect: not collected: %s\n' "$1" | clean >&2
}

# The words as one would type them.
typed() {
    line=
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=@%+,-]*) line="$line '$word'" ;;
        *) line="$line $word" ;;
        esac
    done
    printf '%s' "${line# }"
}

# written COMMAND-LINE OUTPUT
written() {
    captured=$((captured + 1))
    {
        printf '\n%s %s\n' "$prompt" "$1"
        if [ -n "$2" ]; then printf '%s\n' "$2"; fi
    } | clean >&3
}

# --- running commands -------------------------------------------------------------------------------------------------

seconds=10

limited() {
    case $limit in
    killing) timeout -k 2 "$seconds" "$@" ;;
    new) timeout "$seconds" "$@" ;;
    old) timeout -t "$seconds" "$@" ;;
    *) "$@" ;;
    esac </dev/null 3>&-
}

# Old busybox cannot kill what does not end, and older ones want an option for the time.
find_limit() {
    limit=none
    if timeout -k 2 5 true 2>/dev/null; then
        limit=killing
    elif timeout 5 true 2>/dev/null; then
        limit=new
    elif timeout -t 5 true 2>/dev/null; then
        limit=old
    fi
}

# has SIDE TOOL: on the node's own file system, here, or inside busybox. Sets `tool` to what it is called by there.
has() {
    tool=$2
    case $1 in
    node)
        [ -n "$root" ] || return 1
        # By its path: busybox would take its own in the place of one that is called by name.
        tool=$(chroot "$root" /bin/sh -c "command -v $2" 2>/dev/null)
        case $tool in /*) ;; *) return 1 ;; esac
        ;;
    here) command -v "$2" >/dev/null 2>&1 ;;
    *) command -v busybox >/dev/null 2>&1 && busybox --list 2>/dev/null | grep -qx "$2" ;;
    esac
}

# Sets `side` to the first that has the tool, and `tool` to what it is called by there.
find_tool() {
    for side in node here busybox; do
        if has "$side" "$1"; then return 0; fi
    done
    return 1
}

# Sets `output` to what a command prints (of that, the lines that match `sieve` if there is one), or `reason` to why it
# failed.
# run SIDE WORDS...
run() {
    place=$1
    shift
    case $place in
    node) set -- chroot "$root" "$@" ;;
    busybox) set -- busybox "$@" ;;
    esac
    command_line=$(typed "$@")
    if [ -n "$sieve" ]; then
        command_line="$command_line | grep -E '$sieve'"
        output=$(limited "$@" 2>/dev/null | grep -E "$sieve")
    else
        output=$(limited "$@" 2>/dev/null)
    fi
    status=$?
    case $status in
    0) return 0 ;;
    124 | 137 | 143) reason="took longer than $seconds seconds" ;;
    *)
        # Once more for its words alone: output and errors cannot be told apart without a file.
        reason=$(limited "$@" 2>&1 >/dev/null | sed -n '/[^[:space:]]/{p;q;}')
        reason=$(printf '%.200s' "${reason:-exit status $status}")
        ;;
    esac
    return 1
}

# Writes what was run last, or why there is nothing of it. Fails unless all of it is there.
account() {
    if [ "$status" -eq 0 ]; then
        written "$command_line" "$output"
        return 0
    fi
    if [ -n "$output" ]; then
        # The dots say that there is more.
        written "$command_line" "$output
..."
        lacks "the rest of $command_line: $reason"
    else
        lacks "$command_line: $reason"
    fi
    return 1
}

# capture SIDE WORDS...
capture() {
    run "$@"
    account
}

# In the node's own network namespace, which need not be that of this shell.
run_on_host() {
    if [ -n "$elsewhere" ]; then
        place=$1
        shift
        has "$place" nsenter
        case $place in
        busybox) set -- busybox nsenter -t 1 -n busybox "$@" ;;
        *) set -- "$place" "$tool" -t 1 -n "$@" ;;
        esac
    fi
    run "$@"
}

capture_host() {
    run_on_host "$@"
    account
}

# --- where this runs --------------------------------------------------------------------------------------------------

# The number of each namespace, and the file it stands behind.
numbered() {
    ls -Lid "$@" 2>/dev/null
}

number_of() {
    numbered "$1" | {
        read -r number path
        printf '%s' "${path:+$number}"
    }
}

look_around() {
    root=
    files=
    if [ -d /host/etc ] && [ -d /host/proc ]; then
        files=/host
        if chroot /host /bin/sh -c : 2>/dev/null; then
            root=/host
        else
            remark 'no shell of the node can be run in /host: the tools are those of this container'
        fi
    fi
    is_root=
    if [ "$(id -u)" = 0 ]; then is_root=yes; fi
    self=$(number_of /proc/self/ns/net)
    own=$(number_of /proc/1/ns/net)
    elsewhere=
    if [ -n "$own" ] && [ "$own" != "$self" ]; then elsewhere=yes; fi
    own=${own:-$self}
    node=$(uname -n 2>/dev/null)
    case $node in
    '' | *[!A-Za-z0-9._-]*) prompt='#' ;;
    *) if [ -n "$is_root" ]; then prompt="root@$node:/#"; else prompt="user@$node:/\$"; fi ;;
    esac
}

introduce() {
    remark "captured by aksnet-parse collect, $(date -u '+%Y-%m-%d %H:%M:%S' 2>/dev/null) UTC"
    remark "node $node, kernel $(uname -r 2>/dev/null)${files:+, its files at $files}"
    if [ -z "$is_root" ]; then
        lacks 'network namespaces and names of pods, as far as only root may see them: this is not root'
    fi
    if [ "$limit" = none ]; then remark 'no time limit: there is no timeout here'; fi
}

# --- the node ---------------------------------------------------------------------------------------------------------

collect_host() {
    shows_routes=
    is_iproute=
    if find_tool ip; then
        ip=$tool
        if run "$side" "$ip" -V; then is_iproute=yes; fi
        capture_host "$side" "$ip" addr
        if capture_host "$side" "$ip" route; then shows_routes=yes; fi
        capture_host "$side" "$ip" -6 route
        capture_host "$side" "$ip" neigh
        if [ -n "$is_iproute" ]; then capture_host "$side" "$ip" netns; fi
    else
        lacks 'interfaces: there is no ip'
    fi
    if [ -z "$shows_routes" ]; then
        if find_tool route; then
            capture_host "$side" "$tool" -n
        else
            lacks 'routes: there is no route'
        fi
    fi
    # Not every brctl can show bridges, and not every node has one.
    shows_bridges=
    reason='there is neither brctl nor bridge'
    if find_tool brctl && run_on_host "$side" "$tool" show; then
        shows_bridges=yes
        written "$command_line" "$output"
    fi
    if find_tool bridge; then
        bridge=$tool
        if [ -z "$shows_bridges" ]; then capture_host "$side" "$bridge" link; fi
        capture_host "$side" "$bridge" fdb
    elif [ -z "$shows_bridges" ]; then
        lacks "bridges: $reason"
    fi
}

# Copies JSON. Of its values only those of the keys named in `keep` stay, and those only if they look like a name, an
# address or a number: a CNI configuration can hold a token. What is no JSON is not copied.
known_values() {
    awk -v keep=" $1 " '
    function value(text, looks) {
        known = key != "" && index(keep, " " key " ") && text ~ looks && length(text) < 100
        if (kind[depth] != "[") key = ""
        return known || text ~ /^(true|false|null)$/ ? text : "\"-\""
    }
    {
        rest = $0
        shown = ""
        while (rest != "") {
            if (match(rest, /^[ \t]+/)) {
                shown = shown substr(rest, 1, RLENGTH)
            } else if (match(rest, /^[{[]/)) {
                outer[++depth] = key
                kind[depth] = substr(rest, 1, 1)
                if (kind[depth] == "{") key = ""
                shown = shown kind[depth]
            } else if (match(rest, /^[]}]/)) {
                key = depth > 0 ? outer[depth--] : ""
                if (kind[depth] != "[") key = ""
                shown = shown substr(rest, 1, 1)
            } else if (match(rest, /^[:,]/)) {
                shown = shown substr(rest, 1, 1)
            } else if (match(rest, /^"([^"\\]|\\.)*"/)) {
                size = RLENGTH
                text = substr(rest, 1, size)
                if (kind[depth] == "{" && substr(rest, size + 1) ~ /^[ \t]*:/) {
                    key = substr(text, 2, size - 2)
                    shown = shown (text ~ /^"[A-Za-z0-9._-]+"$/ && size < 100 ? text : "\"-\"")
                } else {
                    shown = shown value(text, "^\"[A-Za-z0-9._:/+= -]*\"$")
                }
                RLENGTH = size
            } else if (match(rest, /^[A-Za-z0-9.+-]+/)) {
                size = RLENGTH
                shown = shown value(substr(rest, 1, size), "^[0-9.+-]+$")
                RLENGTH = size
            } else {
                RLENGTH = length(rest)
            }
            rest = substr(rest, RLENGTH + 1)
        }
        print shown
    }'
}

# collect_file PATH KEYS
collect_file() {
    if [ ! -r "$1" ]; then
        lacks "$1: may not be read"
    elif output=$(known_values "$2" <"$1" 2>/dev/null) && [ -n "$output" ]; then
        printf '\n' >&3
        remark "of what stands in $1, values that say nothing of the wiring are written as \"-\""
        written "$(typed cat "$1")" "$output"
    else
        lacks "$1: there is no awk to take out what may be secret, or the file is empty"
    fi
}

collect_files() {
    for file in "$files"/etc/cni/net.d/*; do
        case $file in
        *.conf | *.conflist | *.json)
            if [ -f "$file" ]; then
                collect_file "$file" 'cniVersion name type mode bridge subnet mtu isGateway ipMasq hairpinMode promiscMode'
            fi
            ;;
        esac
    done
    for file in "$files/var/run/azure-vnet.json" "$files/run/azure-vnet.json"; do
        if [ -f "$file" ]; then
            collect_file "$file" "Version Id Name Mode IP Mask Prefix Subnets BridgeName IfName HostIfName MacAddress \
NetworkNameSpace NetNs ContainerID PODName PODNameSpace"
            break
        fi
    done
}

# --- the names of pods ------------------------------------------------------------------------------------------------

kept='^ *("pid": [0-9]+|"ip": "[0-9a-fA-F.:]+"|"network": "(POD|NODE)"|"path": "(/var)?/run/netns/[^"]+"|"path": "/proc/[0-9]+/ns/net"),?$'

collect_crictl() {
    crictl=$tool
    capture "$1" "$crictl" pods --no-trunc || [ -n "$output" ] || return 1
    capture "$1" "$crictl" ps --no-trunc
    run "$1" "$crictl" pods -q --state ready || {
        lacks "$command_line: $reason"
        return 1
    }
    # What else inspectp prints is annotations, environment and command lines; none of it is kept, not even here.
    sieve=$kept
    for id in $output; do
        capture "$1" "$crictl" inspectp "$id"
        processes="$processes $(printf '%s\n' "$output" | sed -n 's/^ *"pid": \([0-9]*\),*$/\1/p')"
    done
    sieve=
}

format='id={{.Id}} name={{.Name}} pid={{.State.Pid}} state={{.State.Status}} network={{.HostConfig.NetworkMode}} sandbox={{.NetworkSettings.SandboxKey}}'

collect_docker() {
    place=$1
    docker=$tool
    run "$place" "$docker" ps -q || {
        # With another runtime it may well be there and not run.
        if [ -n "$names" ]; then
            remark "passed over: $command_line: $reason"
        else
            lacks "$command_line: $reason"
        fi
        return 1
    }
    set --
    for id in $output; do
        set -- "$@" "$id"
        # No line may become so long that nobody could have typed it.
        if [ $# -eq 40 ]; then
            inspect_docker "$@"
            set --
        fi
    done
    if [ $# -gt 0 ]; then inspect_docker "$@"; fi
}

inspect_docker() {
    capture "$place" "$docker" inspect --format "$format" "$@"
    # Containers of a pod share the namespace of its sandbox.
    processes="$processes $(printf '%s\n' "$output" | sed -n '/ network=container:/d;s/.* pid=\([0-9]*\) .*/\1/p')"
}

collect_names() {
    processes=
    names=
    engines=
    if find_tool crictl; then
        engines=yes
        if collect_crictl "$side"; then names=yes; fi
    fi
    if find_tool docker; then
        engines=yes
        collect_docker "$side"
    fi
    if [ -z "$engines" ]; then lacks 'names of pods: there is neither crictl nor docker'; fi
}

# --- the pods ---------------------------------------------------------------------------------------------------------

# One line for each network namespace: the file that holds it, if it has a name as Kubernetes' runtimes give it, else a
# process in it, that of a sandbox first.
namespaces() {
    {
        numbered "$files"/run/netns/*
        for process in $processes; do numbered "/proc/$process/ns/net"; done
        numbered /proc/[0-9]*/ns/net | sort -t / -k 3n
        numbered "$files"/run/docker/netns/*
    } | {
        seen=" $own "
        while read -r number path; do
            case $seen in *" $number "*) continue ;; esac
            case $path in
            /proc/*)
                target=${path#/proc/}
                target=${target%%/*}
                ;;
            *)
                case ${path##*/} in -* | *[!A-Za-z0-9._-]*) continue ;; esac
                target=$path
                ;;
            esac
            seen="$seen$number "
            printf '%s\n' "$target"
        done
    }
}

# Sets `inside` to the side that has nsenter and an ip that can follow it, and `nsenter` and `ip` to what they are
# called by there. `busy`: ip is part of busybox.
find_way_in() {
    busy=
    for inside in node here busybox; do
        has "$inside" nsenter || continue
        nsenter=$tool
        case $inside in
        node) has node ip || continue ;;
        *) has here ip || { has busybox ip && busy=yes; } || continue ;;
        esac
        ip=$tool
        return 0
    done
    return 1
}

# enter TARGET WORDS...: ip with these words in the network namespace of a process, or behind a file.
enter() {
    target=$1
    shift
    if [ -n "$busy" ]; then set -- busybox "$ip" "$@"; else set -- "$ip" "$@"; fi
    case $target in
    /*) set -- "$nsenter" "--net=${target#"$stripped"}" "$@" ;;
    *) set -- "$nsenter" -t "$target" -n "$@" ;;
    esac
    run "$inside" "$@"
}

# Services of the node have namespaces of their own in which there is nothing, but of a pod that would be news.
is_idle() {
    case " $processes " in *" $where "*) return 1 ;; esac
    case $where in */run/netns/*) return 1 ;; esac
    ! printf '%s\n' "$output" | sed -n 's/^[0-9]*: \([^:@ ]*\).*/\1/p' | grep -qvx lo
}

collect_pods() {
    targets=$(namespaces)
    if [ -z "$targets" ]; then
        if [ -n "$is_root" ]; then
            lacks "pods: no network namespace but the node's own is to be seen; kubectl debug needs --profile=sysadmin"
        fi
        return 0
    fi
    if ! find_way_in; then
        lacks 'pods: there is no nsenter, or no ip beside it'
        return 0
    fi
    stripped=
    if [ "$inside" = node ]; then stripped=$root; fi
    for where in $targets; do
        if ! enter "$where" addr; then
            lacks "$command_line: $reason"
            case $reason in
            *'not permitted'* | *denied*)
                lacks 'pods: their network namespaces may not be entered; kubectl debug needs --profile=sysadmin'
                return 0
                ;;
            esac
            # Else a process ended, or a file was left where a namespace was.
            continue
        fi
        if is_idle; then
            remark "passed over: $command_line: nothing but the loopback interface, and no pod of crictl or docker"
            continue
        fi
        places=$((places + 1))
        written "$command_line" "$output"
        for words in route neigh; do
            enter "$where" "$words"
            account
        done
    done
}

# --- all of it --------------------------------------------------------------------------------------------------------

main() {
    case ${1-} in
    -h | --help)
        usage
        exit 0
        ;;
    --) shift ;;
    -?*)
        usage >&2
        exit 2
        ;;
    esac
    if [ $# -gt 1 ]; then
        usage >&2
        exit 2
    fi
    LC_ALL=C
    PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin
    export LC_ALL PATH
    umask 077
    for tool in grep id ls sed sort tr uname; do
        if ! command -v "$tool" >/dev/null 2>&1; then
            printf 'collect: there is no %s here\n' "$tool" >&2
            exit 1
        fi
    done
    case ${1:--} in
    -) exec 3>&1 ;;
    *)
        # Never a file that is there: others might read it, or have put a link in its place.
        set -C
        if ! (: >"$1") 2>/dev/null; then
            printf 'collect: cannot make %s: it exists, or its folder does not or is not yours\n' "$1" | clean >&2
            exit 1
        fi
        exec 3>>"$1"
        set +C
        ;;
    esac
    captured=0
    lacking=0
    places=0
    sieve=
    find_limit
    look_around
    introduce
    collect_host
    collect_files
    collect_names
    collect_pods
    printf '\n' >&3
    remark "end: $captured captures, $places network namespaces of pods, $lacking not collected"
    printf 'collect: %s captures, %s network namespaces of pods, %s not collected\n' "$captured" "$places" "$lacking" >&2
    if [ "$captured" -eq 0 ]; then exit 1; fi
}

main "$@"
