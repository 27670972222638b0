# SPDX-License-Identifier: GPL-2.0-only
#
# What prove prints, and of each test its results: all of them in a log, on a terminal those
# that failed, with what the test says of them.  In the end what took longest, and a line
# with the numbers to the file $TALLY, from which scripts/check makes the closing line.  A
# test that was skipped has not passed.

package Tally;

use strict;
use warnings;
use parent 'TAP::Formatter::Console';

sub open_test {
	my ($self, $name, $parser) = @_;
	my @results;
	my $failing = 0;

	$parser->callback(ALL => sub {
		my $result = shift;

		$failing = !$result->is_ok if $result->is_test;
		push @results, $result->raw
			if $failing || $result->is_bailout || !-t STDOUT;
	});
	# Tests run beside each other: results are printed when a test has ended
	$parser->callback(EOF => sub {
		$self->_output(join "\n", "==> $name", @results, '') if @results;
	});
	return $self->SUPER::open_test($name, $parser);
}

sub summary {
	my ($self, $aggregate, $interrupted) = @_;

	$self->SUPER::summary($aggregate, $interrupted);

	# A file that ends too early, or with an error, fails without a test
	# that does
	my $failed = $aggregate->failed;
	my %seconds;
	for my $name ($aggregate->descriptions) {
		my ($parser) = $aggregate->parsers($name);

		$failed++ if $parser->has_problems && !$parser->failed;
		$seconds{$name} = $parser->end_time - $parser->start_time;
	}

	my @longest = sort { $seconds{$b} <=> $seconds{$a} } keys %seconds;
	splice @longest, 5 if @longest > 5;
	$self->_output('Longest: ' . join(', ',
		map { sprintf '%s %.0f s', $_, $seconds{$_} } @longest) . "\n");

	open my $tally, '>>', $ENV{TALLY} or die "$ENV{TALLY}: $!";
	my $skipped = $aggregate->skipped;
	printf $tally "%d %d %d\n", $aggregate->passed - $skipped, $failed,
		$skipped;
	close $tally or die "$ENV{TALLY}: $!";
}

1;
