"""Jobs shared out among threads."""

import threading

import pytest

from embaudit.search import for_each


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_every_job_is_done_once_and_told_in_this_thread(threads, count):
    done, told, where = [], [], set()

    def work(job):
        where.add(threading.get_ident())
        done.append(job)

    def tell(job):
        assert job in done
        told.append((job, threading.get_ident()))

    for_each(work, iter(range(count)), threads, tell)
    assert sorted(done) == list(range(count))
    assert sorted(told) == [(job, threading.get_ident()) for job in range(count)]
    if count <= 1 or threads == 1:
        assert where <= {threading.get_ident()}  # a thread for one job wins nothing


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("count", [1, 9])
def test_the_first_error_is_raised(threads, count):
    def work(job):
        raise KeyError(job)

    with pytest.raises(KeyError):
        for_each(work, range(count), threads)


def test_one_thread_takes_a_job_only_after_the_last_is_done():
    open_jobs, most = [], 0

    def jobs():
        nonlocal most
        for job in range(5):
            open_jobs.append(job)
            most = max(most, len(open_jobs))
            yield job

    for_each(open_jobs.remove, jobs(), 1)
    assert most == 1
