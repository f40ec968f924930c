"""What is left of a number on a sheet that is carried about."""

import pytest

from app.paper.masking import masked_number, masked_phone


@pytest.mark.parametrize(
    "number, masked",
    [
        ("530602201503140010", "530***********0010"),
        ("53060219440701003X", "530***********003X"),
        ("530602440701003", "530********1003"),
        ("E12345678", "E******78"),
        ("123", "***"),
        ("", ""),
    ],
)
def test_an_identity_number_keeps_its_region_and_its_end(number, masked):
    assert masked_number(number) == masked


@pytest.mark.parametrize(
    "phone, masked",
    [("13812341234", "138****1234"), ("0870-2123456", "**********56"), ("2123456", "*****56"), ("12", "**"), ("", "")],
)
def test_a_phone_number_keeps_what_identifies_it_to_its_owner_only(phone, masked):
    assert masked_phone(phone) == masked
