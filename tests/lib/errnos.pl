# SPDX-License-Identifier: GPL-2.0-only
#
# errnos.pl --places | --for-a-no | DIR - Print each list of errnos of migration_version that
#	differs from the code, or the files that have to have a list, or the errnos for a no
#
# The files of standard input, one a line, are read in DIR.  A line of output is "FILE: TEXT".
# The exit status is 1 if a line is printed.
#
# The code has two sets of errnos: is_recommended() of conformance_test has the errnos for a no,
# and is_no_answer() of the library has the errnos that mean "not answered".  A passage with at
# least three errnos of a set is a list of the set.  It must have each errno of the set and no
# other one, whether or not its file is one of the places below.

use strict;
use warnings;
use Errno;

# A list ends at an empty line, at a paragraph of a manual page, or if the next errno is not
# among so many characters
my $gap = 250;

my $conformance = 'tools/testing/selftests/mdev/conformance_test.c';
my $library = 'tools/mdev/lib/io.c';
my $series = 'patches/2-migration-version';

# Files that must have a list: "no" or "unanswered", or "core" for the errnos of the mdev core.
# A list with "=" also has a meaning after each errno.  Errnos in brackets may be in the lists of
# the file as well; "(*)" is any errno.
my @places = (
	[$conformance, 'no unanswered'],
	['tools/testing/selftests/mdev/conformance_test_utils.h', 'no unanswered (*)'],
	['drivers/vfio/mdev/trace.h', 'unanswered'],
	["$series/*-vfio-mdev-Add-callbacks-for-a-migration-version.patch", 'no= unanswered'],
	["$series/*-vfio-mdev-Add-the-migration_version-attribute.patch",
	 'no= unanswered core= (ENOENT)'],
	["$series/*-docs-vfio-mdev-Describe-migration_version.patch",
	 'no= unanswered core= (ENOENT)'],
	['Documentation/driver-api/vfio-mdev-migration-version.rst', 'no= unanswered='],
	[$library, 'unanswered'],
	['tools/mdev/lib/mdev-precheck.h', 'unanswered'],
	['tools/mdev/man/libmdev-precheck.3', 'unanswered (EACCES ETIMEDOUT)'],
	['tools/mdev/man/mdev-precheck.8', 'unanswered'],
	['tools/mdev/doc/libvirt.md', 'no='],
	['tools/mdev/doc/stacks.md', 'unanswered'],
	['tests/machine/precheck-errnos.sh', 'no unanswered (*)'],
	['tests/machine/mistakes/enodev-for-no.diff', 'no (ENODEV EIO)'],
	['ARCHITECTURE.md', 'unanswered'],
);

# Files with errnos that are not a list of these: results that a test expects, the rules of one
# driver, and the driver that answers with them
my @others = (
	'*/tests/*', 'tests/*', 'tools/testing/selftests/mdev/*', 'tools/mdev/fuzz/*',
	'samples/vfio-mdev/*', 'patches/3-mdpy/*', 'patches/4-simulator/*',
	'drivers/vfio/mdev/mdev_sim*', 'Documentation/driver-api/vfio-mdev-sim.rst',
);
# The diagram of the kernel has an example of each answer
my %no_list = ('ARCHITECTURE.md' => 'no');

my %meaning = (
	EOPNOTSUPP => qr/cannot (?:be )?migrate/,
	EINVAL => qr/[Nn]ot .*of this driver|empty|printable/,
	EXDEV => qr/another device/,
	EPROTONOSUPPORT => qr/software version/,
	EINTR => qr/interrupt/,
	EAGAIN => qr/at (?:this|the) moment/,
	ENOMEM => qr/memory|allocation/,
	ENODEV => qr/going away|unregistered/,
	EIO => qr/not (?:a )?valid|faulty/,
	E2BIG => qr/long|more than/,
);

# A text that is not a version string has an errno of the library, which these files name
my @not_string = map { "tools/mdev/$_" } qw(lib/ask.c src/list.c lib/mdev-precheck.h
	man/libmdev-precheck.3 man/mdev-precheck.5 man/mdev-precheck.8 doc/libvirt.md);

# Words of pages that begin as an errno does, and errnos of the kernel itself
my %no_errno = map { $_ => 1 } qw(EXIT EXAMPLES EXAMPLE ERRORS ERROR ERRNO ENVIRONMENT EXPECTED
	END EOF ENOTSUPP EIOCBQUEUED ERESTARTSYS ERESTARTNOINTR);

my $option = shift // die "usage: errnos.pl --places | --for-a-no | DIR\n";
my $dir = $option =~ /^--/ ? "." : $option;
if ($option eq '--places') {
	print "$_->[0]\t$_->[1]\n" for @places;
	exit;
}
my $wrong = 0;
my %named;

sub complain
{
	my ($file, $text) = @_;

	print "$file: $text\n";
	$wrong = 1;
}

sub text_of
{
	my $file = shift;
	local $/;

	open(my $in, '<', "$dir/$file") or die "$dir/$file: $!\n";
	my $text = <$in> // '';
	close $in;
	return $text;
}

# pattern GLOB - return the regular expression of a glob
sub pattern
{
	my $glob = quotemeta shift;

	$glob =~ s/\\\*/.*/g;
	return qr/^$glob$/;
}

sub is_errno
{
	return exists $!{$_[0]};
}

# flat FILE - return the text of a file, in which a line feed ends a paragraph
sub flat
{
	my ($file) = @_;
	my $text = text_of($file);

	# Only the lines that a patch adds are its own
	$text = join '', map { /^\+(?!\+\+)(.*)/ ? "$1\n" : "\n" } split /\n/, $text
		if $file =~ /\.patch$/;
	# Examples of code
	$text =~ s{^\t.*}{}gm if $file =~ /\.rst$/;
	# Marks of a comment
	$text =~ s{^[ \t]*(?:/\*+|\*+/?|//|#(?!define)|\.\\")}{}gm;
	$text =~ s{^\.(?:TP|IP|PP|P|SH|SS|RS|RE|LP)\b.*}{}gm;
	$text =~ s{^\.[A-Z]+ }{}gm;
	$text =~ s{\\f[A-Z]}{}g;
	$text =~ s!^[ \t\{\}]*$!\x01!gm;
	$text =~ s{\s+}{ }g;
	$text =~ s{\x01}{\n}g;
	return $text;
}

# lists FILE - return the lists of errnos in a file: for each errno its name and the text behind it,
# in the order of the text
sub lists
{
	my ($file) = @_;
	my $text = flat($file);
	my (@lists, $end);

	while ($text =~ /(?<![\w%\$])(E[A-Z][A-Z0-9]+|E2BIG)\b/g) {
		my ($name, $begin) = ($1, $-[1]);
		next unless is_errno($name);
		my $between = defined $end ? substr($text, $end, $begin - $end) : "\n";
		push @lists, [] if $between =~ /\n/ || length $between > $gap;
		$lists[-1][-1][1] = $between if @{$lists[-1]};
		push @{$lists[-1]}, [$name, ''];
		$end = pos $text;
		$lists[-1][-1][1] = substr($text, $end, $gap) =~ s/\n.*//sr;
	}
	return @lists;
}

# function FILE NAME - return the errnos in the body of a function
sub function
{
	my ($file, $name) = @_;
	my ($body) = text_of($file) =~ /\b$name\(int \w+\)\n\{(.*?)^\}/ms
		or die "$file does not have $name()\n";

	return map { $_ => 1 } grep { is_errno($_) } $body =~ /\b(E[A-Z0-9]+)\b/g;
}

sub words
{
	return join ' ', sort @_;
}

my %no = function($conformance, 'is_recommended');
my %unanswered = function($library, 'is_no_answer');
# The errnos of the core itself are in its documentation and in the ABI
my %core = map { $_ => 1 } qw(EINVAL E2BIG EINTR ENOMEM EIO ENODEV);
my %set = (no => \%no, unanswered => \%unanswered, core => \%core);
my %name_of = (
	no => 'errnos for a no',
	unanswered => 'errnos that mean "not answered"',
	core => 'errnos of the core',
);

if ($option eq '--for-a-no') {
	print words(keys %no), "\n";
	exit;
}

my %also = function($conformance, 'is_unanswered');
complain($conformance, 'is_unanswered() has ' . words(keys %also) .
	 ", and is_no_answer() of $library " . words(keys %unanswered))
	if words(keys %also) ne words(keys %unanswered);
for (grep { $unanswered{$_} } keys %no) {
	complain($conformance, "$_ is recommended for a no, and means that a question was not answered");
}

# check_list FILE LIST SET EXTRAS - complain if a list differs from its set; return 1 if it does not
sub check_list
{
	my ($file, $list, $kind, $extras) = @_;
	my %has = map { $_->[0] => 1 } @$list;
	my @missing = grep { !$has{$_} } keys %{$set{$kind}};
	my @more = grep { !$set{$kind}{$_} && !$extras->{$_} } keys %has;

	@more = () if $extras->{'*'};
	return 1 unless @missing || @more;
	complain($file, "a list of $name_of{$kind} does not have " . words(@missing)) if @missing;
	complain($file, "a list of $name_of{$kind} has " . words(@more) .
		 ', which the code does not have') if @more;
	return 0;
}

sub check_meanings
{
	my ($file, $list, $kind) = @_;
	my %seen;

	for (grep { $set{$kind}{$_->[0]} } @$list) {
		my ($name, $text) = @$_;
		if (!$meaning{$name}) {
			complain($file, "tests/lib/errnos.pl does not have the meaning of $name");
		} elsif (!$seen{$name}++ && $text !~ $meaning{$name}) {
			complain($file, "$name has another meaning in other files:" . substr($text, 0, 60));
		}
	}
}

# count LIST SET - return the number of errnos of a set that a list has
sub count
{
	my ($list, $kind) = @_;
	my %has = map { $_->[0] => 1 } @$list;

	return scalar grep { $has{$_} } keys %{$set{$kind}};
}

sub check_file
{
	my ($file, $place) = @_;
	my ($wanted) = $place ? $place->[1] : '';
	my %extras = $wanted =~ s/\(([^)]*)\)// ? map { $_ => 1 } split / /, $1 : ();
	my %kinds = map { (s/=$//r => /=$/ ? 1 : 0) } split ' ', $wanted;
	my %found;

	for my $list (lists($file)) {
		my $is_core = $kinds{core} && count($list, 'core') == keys %core &&
			!grep { !$core{$_->[0]} } @$list;
		for my $kind ($is_core ? 'core' : ('no', 'unanswered')) {
			next if count($list, $kind) < 3 || ($no_list{$file} // '') eq $kind;
			$found{$kind} = 1;
			check_list($file, $list, $kind, \%extras) or next;
			check_meanings($file, $list, $kind) if $kinds{$kind};
		}
	}
	for (grep { !$found{$_} } sort keys %kinds) {
		complain($file, "there should be a list of the $name_of{$_}");
	}
}

my @files = map { chomp; $_ } <STDIN>;
for my $place (@places) {
	my $pattern = pattern($place->[0]);
	my @hits = grep { $_ =~ $pattern } @files;
	complain($place->[0], 'the file does not exist') unless @hits;
	for (@hits) {
		$named{$_} = 1;
		check_file($_, $place);
	}
}
for my $file (grep { !$named{$_} } @files) {
	next if grep { $file =~ pattern($_) } @others;
	check_file($file);
}

for my $file (grep { /\.(?:md|rst|[358])$|^patches\/2.*\.patch$/ } @files) {
	my %unknown = map { $_ => 1 } grep { !is_errno($_) && !$no_errno{$_} }
		flat($file) =~ /(?<![\w%\$.\/])(E[A-Z][A-Z0-9]+)(?![\w.\/])/g;
	complain($file, "$_ is not an errno of Linux") for sort keys %unknown;
}

my ($bad) = text_of($library) =~ /SOURCE_FAILED, (E[A-Z0-9]+),/
	or die "$library does not have the errno of a text that is not a version string\n";
for my $file (@not_string) {
	complain($file, "$bad should be the errno of a text that is not a version string")
		if flat($file) !~ /\b$bad\b/;
}
exit $wrong;
