# SPDX-License-Identifier: GPL-2.0-only
#
# Fish completion of mdev-precheck.  It reads the names of parents, types and devices from sysfs,
# because mdev-precheck list calls drivers, which can hang.  Vendors choose these names: fish
# quotes the output of a function, and nothing evaluates it.

# Set the command of the line so far, its operands and its options
function __mdev_precheck_parse
    set -g __mdev_precheck_command
    set -g __mdev_precheck_operands
    set -g __mdev_precheck_sysfs /sys
    set -g __mdev_precheck_given
    set -l option
    for word in (commandline -opc)[2..]
        if test -n "$option"
            set word "$option=$word"
            set option
        else if string match -qr -- '^(--(parent|type|device|from|to|hosts|remote|connect|output|takes|format|max-age|html|columns|sort|color|sysfs|fixture|timeout)|-[ploiFJ])$' $word
            set option $word
            continue
        end
        if string match -qr -- '^--(sysfs|fixture)=' $word
            set __mdev_precheck_sysfs (string replace -r -- '^[^=]*=' '' $word | string replace -r '^~/' "$HOME/")
        end
        if string match -q -- '-?*' $word
            set -a __mdev_precheck_given (string replace -r -- '=.*' '' $word)
            string match -q -- '--connect=*' $word
            and set -g __mdev_precheck_connect (string replace -- --connect= '' $word)
        else if test -n "$__mdev_precheck_command"
            set -a __mdev_precheck_operands $word
        else
            set __mdev_precheck_command $word
        end
    end
end

# Is the command one of these?  The default command is list.
function __mdev_precheck_is
    __mdev_precheck_parse
    set -l command list
    test -z "$__mdev_precheck_command"
    or set command $__mdev_precheck_command
    contains -- $command $argv
end

function __mdev_precheck_no_command
    __mdev_precheck_parse
    test -z "$__mdev_precheck_command"
end

# A line is a candidate, and a tab begins its description: leave out names with a newline or a tab
function __mdev_precheck_print
    for name in $argv
        string match -qr -- '[\n\t]' $name
        or printf '%s\n' $name
    end
end

function __mdev_precheck_parents
    __mdev_precheck_parse
    for path in $__mdev_precheck_sysfs/class/mdev_bus/*
        __mdev_precheck_print (string replace -r -- '^.*/' '' $path | string collect)
    end
end

function __mdev_precheck_types
    __mdev_precheck_parse
    for path in $__mdev_precheck_sysfs/class/mdev_bus/*/mdev_supported_types/*
        __mdev_precheck_print (string replace -r -- '^.*/' '' $path | string collect)
    end | sort -u
end

function __mdev_precheck_devices
    __mdev_precheck_parse
    for path in $__mdev_precheck_sysfs/bus/mdev/devices/*
        __mdev_precheck_print (string replace -r -- '^.*/' '' $path | string collect)
    end
end

function __mdev_precheck_places
    __mdev_precheck_parse
    for path in $__mdev_precheck_sysfs/class/mdev_bus/*/mdev_supported_types/*
        __mdev_precheck_print (string replace -r -- '^.*/([^/]*)/mdev_supported_types/' '$1/' $path | string collect)
    end
end

function __mdev_precheck_domains
    __mdev_precheck_parse
    set -l connect
    test -z "$__mdev_precheck_connect"
    or set connect -c $__mdev_precheck_connect
    virsh $connect -q list --all --name 2>/dev/null </dev/null | string match -v ''
end

# --from takes the place of SOURCE, and a version comes from another host
function __mdev_precheck_operands
    __mdev_precheck_parse
    set -l number (count $__mdev_precheck_operands)
    contains -- --from $__mdev_precheck_given
    and set number (math $number + 1)
    switch $number
        case 0
            contains -- --type $__mdev_precheck_given
            and return
            __mdev_precheck_devices
            __mdev_precheck_places
        case 1
            __mdev_precheck_types
            # This host cannot list the devices and parents of another one
            contains -- --to $__mdev_precheck_given
            or contains -- --hosts $__mdev_precheck_given
            and return
            __mdev_precheck_parents
            __mdev_precheck_devices
            __mdev_precheck_places
    end
end

function __mdev_precheck_columns
    __mdev_precheck_parse
    switch "$__mdev_precheck_command"
        case check
            set -f columns VERDICT SOURCE VERSION TARGET AVAILABLE REASON HOST CONDITION ERRNO
        case '*'
            set -f columns TYPE NAME DEVICE-API PARENT AVAILABLE DEVICES MIGRATION-VERSION DESCRIPTION
    end
    printf '%s\n' $columns
end

# Keep the columns in the list, and do not offer them again
function __mdev_precheck_list_of_columns
    set -l before (commandline -ct | string replace -r -- '^--columns=' '' | string match -r '^.*,')
    for column in (__mdev_precheck_columns)
        string match -q -- "*,$column,*" ",$before"; or echo "$before$column"
    end
end

# Each line names the commands that have the option
set -l of complete -c mdev-precheck -n
set -l commands list check export merge matrix stamp domain help
set -l remote '__mdev_precheck_is check matrix domain'

complete -c mdev-precheck -f
complete -c mdev-precheck -n __mdev_precheck_no_command -a "$commands"
$of '__mdev_precheck_is help; and not count $__mdev_precheck_operands >/dev/null' -a "$commands"
$of '__mdev_precheck_is check; and not __mdev_precheck_no_command' -a '(__mdev_precheck_operands)'
$of '__mdev_precheck_is stamp; and not contains -- --all $__mdev_precheck_given' -a '(__mdev_precheck_domains)'
$of '__mdev_precheck_is domain; and not count $__mdev_precheck_operands >/dev/null' -a '(__mdev_precheck_domains)'

$of '__mdev_precheck_is list export' -l parent -x -a '(__mdev_precheck_parents)'
$of '__mdev_precheck_is list export check matrix' -l type -x -a '(__mdev_precheck_types)'
$of '__mdev_precheck_is list export' -l device -x -a '(__mdev_precheck_devices)'
$of '__mdev_precheck_is list check matrix domain' -l json
$of '__mdev_precheck_is check export matrix' -l from -r -F
$of '__mdev_precheck_is check matrix' -l hosts -r -F
$of '__mdev_precheck_is check stamp' -l all
$of '__mdev_precheck_is export' -l takes -r -F
$of '__mdev_precheck_is export' -l format -x -a 'json prometheus nfd provider-yaml facter nagios'
$of '__mdev_precheck_is export' -l max-age -x
$of '__mdev_precheck_is export merge' -l output -r -F
$of '__mdev_precheck_is merge; and not __mdev_precheck_no_command' -F
$of '__mdev_precheck_is matrix' -l html -r -F
$of '__mdev_precheck_is list check' -l columns -x -a '(__mdev_precheck_list_of_columns)'
$of '__mdev_precheck_is list check' -l noheadings
$of '__mdev_precheck_is list check' -l raw
$of '__mdev_precheck_is list check' -l sort -x -a '(__mdev_precheck_columns)'
$of '__mdev_precheck_is list check matrix' -l color -x -a 'auto always never'
$of '__mdev_precheck_is stamp' -l watch
$of '__mdev_precheck_is stamp domain' -l connect -x
$of $remote -l to -x -a '(__fish_print_hostnames)'
$of $remote -l remote -x
$of $remote -s p -x
$of $remote -s l -x -a '(__fish_complete_users)'
$of $remote -s o -x
$of $remote -s i -r -F
$of $remote -s F -r -F
$of $remote -s J -x -a '(__fish_print_hostnames)'

complete -c mdev-precheck -l sysfs -x -a '(__fish_complete_directories)'
complete -c mdev-precheck -l fixture -x -a '(__fish_complete_directories)'
complete -c mdev-precheck -l timeout -x
complete -c mdev-precheck -s q -l quiet
complete -c mdev-precheck -s v -l verbose
complete -c mdev-precheck -s h -l help
complete -c mdev-precheck -s V -l version
