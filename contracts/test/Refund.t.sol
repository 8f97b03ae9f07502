// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {Vm, vm} from "./support/Vm.sol";

contract RefundTest is TokenTest {
    Payment private paid;

    function setUp() public override {
        super.setUp();
        mint(payer, 100_000);
        paid = payment(5_000, 0);
        settle(batchOf(paid));
        vm.prank(merchant);
        token.setRefundKey(vm.addr(REFUND_KEY), 20_000);
    }

    function test_succeeds_withPartsUpToTheWhole() public {
        vm.recordLogs();
        refundAll(one(3_000, 0));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 2, "logs");
        vm.assertEq(logs[0].topics[0], IToken.Transfer.selector);
        vm.assertEq(logs[1].topics[0], IToken.Refunded.selector);
        vm.assertEq(logs[1].topics[1], bytes32(paid.invoice));
        vm.assertEq(abi.decode(logs[1].data, (uint256)), 3_000);
        vm.assertEq(token.balanceOf(payer), 98_000);
        refundAll(one(2_000, 3_000));
        vm.assertEq(token.balanceOf(payer), 100_000);
        vm.assertEq(token.balanceOf(merchant), 0);
        vm.assertEq(token.refundedOf(paymentId(paid)), 5_000);
        vm.assertEq(token.refundKeyOf(merchant).spent, 5_000);
    }

    function test_skips_expired() public {
        Refund memory r = Refund(REFUND_KEY, 1, 0, uint32(block.timestamp));
        expectRefundSkip(refundGroup(merchant, 1, refundItem(paid, r)), 1);
    }

    function test_skips_badPaymentSignature() public {
        bytes memory batch = one(1, 0);
        for (uint256 i = 22; i < 22 + 32; ++i) {
            batch[i] = 0;
        }
        expectRefundSkip(batch, 2);
    }

    function test_skips_highSOfPaymentAndOfRefund() public {
        Payment memory p = paid;
        bytes memory batch = one(1, 0);
        // High s in place of the payer's: whoever it recovers to has no consumed nonce, and is refused before that.
        for (uint256 i; i < 32; ++i) {
            batch[22 + 32 + i] = bytes32(HIGHEST_S + 1)[i];
        }
        expectRefundSkip(batch, 2);
        // The merchant's key is whoever a high s recovers to.
        Refund memory r = Refund(REFUND_KEY, 1, 0, LATER);
        bytes32 hash = keccak256(abi.encode(REFUND_TYPEHASH, paymentId(p), r.amount, r.refundedBefore, r.validBefore));
        (, bytes32 s1,) = vm.sign(REFUND_KEY, digestOf(hash));
        bytes32 high = bytes32(HIGHEST_S + 1);
        address key = ecrecover(digestOf(hash), 27, s1, high);
        vm.prank(merchant);
        token.setRefundKey(key, 20_000);
        bytes memory signed = abi.encodePacked(item(p), s1, high, r.amount, r.refundedBefore, r.validBefore);
        expectRefundSkip(refundGroup(merchant, 1, signed), 8);
    }

    function test_skips_frozenPayer() public {
        freeze(payer);
        expectRefundSkip(one(1, 0), 3);
    }

    function test_skips_withoutFunds() public {
        vm.prank(merchant);
        token.transfer(address(0xE1), 4_001);
        expectRefundSkip(one(1_000, 0), 4);
        refundAll(one(999, 0));
    }

    function test_skips_withoutFundsForTheSecondOfAGroup() public {
        settle(batchOf(payment(10, 1)));
        vm.prank(merchant);
        token.transfer(address(0xE1), 10);
        bytes memory items = abi.encodePacked(
            refundItem(paid, Refund(REFUND_KEY, 5_000, 0, LATER)),
            refundItem(payment(10, 1), Refund(REFUND_KEY, 10, 0, LATER))
        );
        vm.recordLogs();
        refundAll(refundGroup(merchant, 2, items));
        requireSkip(vm.getRecordedLogs()[2], IToken.RefundSkipped.selector, 4);
        vm.assertEq(token.balanceOf(merchant), 0);
    }

    function test_skips_replay() public {
        bytes memory batch = one(1_000, 0);
        refundAll(batch);
        expectRefundSkip(batch, 5);
        expectRefundSkip(one(1_000, 999), 5);
    }

    function test_skips_frozenMerchant() public {
        freeze(merchant);
        expectRefundSkip(one(1, 0), 6);
    }

    function test_skips_zeroAmount() public {
        expectRefundSkip(one(0, 0), 7);
    }

    function test_skips_otherRefundKey() public {
        Refund memory r = Refund(MERCHANT_KEY, 1, 0, LATER);
        expectRefundSkip(refundGroup(merchant, 1, refundItem(paid, r)), 8);
    }

    function test_skips_junkSignatureWhenThereIsNoKey() public {
        vm.prank(merchant);
        token.setRefundKey(address(0), 20_000);
        bytes memory junk = abi.encodePacked(bytes32(0), bytes32(uint256(1)), uint64(1), uint64(0), LATER);
        expectRefundSkip(refundGroup(merchant, 1, abi.encodePacked(item(paid), junk)), 8);
    }

    function test_skips_moreThanThePayment() public {
        expectRefundSkip(one(5_001, 0), 9);
        refundAll(one(4_000, 0));
        expectRefundSkip(one(1_001, 4_000), 9);
        expectRefundSkip(one(type(uint64).max, 4_000), 9);
    }

    function test_skips_paymentThatIsNotConsumed() public {
        Payment memory p = payment(10, 5);
        bytes memory batch = refundGroup(merchant, 1, refundItem(p, Refund(REFUND_KEY, 10, 0, LATER)));
        expectRefundSkip(batch, 10);
        p.nonce = 64;
        expectRefundSkip(refundGroup(merchant, 1, refundItem(p, Refund(REFUND_KEY, 10, 0, LATER))), 10);
        settle(batchOf(payment(10, 5)));
        refundAll(batch);
        vm.assertEq(token.balanceOf(merchant), 5_000);
    }

    function test_succeeds_forAPaymentBelowTheWindow() public {
        settle(batchOf(payment(10, 500)));
        vm.assertEq(accountOf(payer).base, 437);
        refundAll(one(5_000, 0));
        vm.assertEq(token.balanceOf(merchant), 10);
    }

    function test_skips_aboveTheDailyLimitAndNotTheNextDay() public {
        vm.prank(merchant);
        token.setRefundKey(vm.addr(REFUND_KEY), 1_000);
        // The Seoul day ends at 15:00 UTC.
        uint256 end = 20_833 days + 15 hours;
        vm.warp(end - 1);
        refundAll(one(600, 0));
        expectRefundSkip(one(401, 600), 11);
        refundAll(one(400, 600));
        expectRefundSkip(one(1, 1_000), 11);
        vm.warp(end);
        refundAll(one(1, 1_000));
        vm.assertEq(token.refundKeyOf(merchant).spent, 1);
    }

    function test_limit_isSharedByTheItemsOfAGroup() public {
        vm.prank(merchant);
        token.setRefundKey(vm.addr(REFUND_KEY), 1_000);
        settle(batchOf(payment(900, 1)));
        bytes memory items = abi.encodePacked(
            refundItem(paid, Refund(REFUND_KEY, 600, 0, LATER)),
            refundItem(payment(900, 1), Refund(REFUND_KEY, 401, 0, LATER))
        );
        vm.recordLogs();
        refundAll(refundGroup(merchant, 2, items));
        requireSkip(vm.getRecordedLogs()[2], IToken.RefundSkipped.selector, 11);
    }

    function test_reRegisteringDoesNotResetTheDay() public {
        vm.prank(merchant);
        token.setRefundKey(vm.addr(REFUND_KEY), 1_000);
        refundAll(one(1_000, 0));
        vm.prank(merchant);
        token.setRefundKey(vm.addr(REFUND_KEY), 1_001);
        expectRefundSkip(one(2, 1_000), 11);
    }

    function test_aRefundCannotGoToAnother() public {
        // Another payer's signature over the same terms makes another payment, which was never consumed.
        Payment memory p = paid;
        p.key = 0xDAD;
        expectRefundSkip(refundGroup(merchant, 1, refundItem(p, Refund(REFUND_KEY, 1, 0, LATER))), 10);
    }

    function test_signatureForAnotherMerchantIsAnotherPayment() public {
        Payment memory p = paid;
        p.merchant = address(0xE1);
        mint(address(0xE1), 5_000);
        vm.prank(address(0xE1));
        token.setRefundKey(vm.addr(REFUND_KEY), 20_000);
        bytes memory items = refundItem(paid, Refund(REFUND_KEY, 1, 0, LATER));
        vm.recordLogs();
        refundAll(refundGroup(address(0xE1), 1, items));
        vm.assertEq(vm.getRecordedLogs().length, 1, "one log");
        vm.assertEq(token.balanceOf(address(0xE1)), 5_000);
    }

    function test_signatureOfAnotherChainMovesNothing() public {
        bytes memory batch = one(1_000, 0);
        vm.chainId(8_217);
        refundAll(batch);
        vm.assertEq(token.balanceOf(merchant), 5_000);
    }

    function testFuzz_neverExceedsThePayment(uint64[8] memory amounts) public {
        vm.prank(merchant);
        token.setRefundKey(vm.addr(REFUND_KEY), type(uint40).max);
        mint(merchant, 1_000_000);
        for (uint256 i; i < amounts.length; ++i) {
            refundAll(one(amounts[i] % 3_000, uint64(token.refundedOf(paymentId(paid)))));
        }
        uint256 refunded = token.refundedOf(paymentId(paid));
        vm.assertTrue(refunded <= 5_000);
        vm.assertEq(token.balanceOf(payer), 95_000 + refunded);
    }

    function test_reverts_whenCallerIsNoSettlerPausedOrMalformed() public {
        bytes memory batch = one(1, 0);
        bytes memory tooShort = refundGroup(merchant, 2, refundItem(paid, Refund(REFUND_KEY, 1, 0, LATER)));
        vm.prank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IToken.NotAllowed.selector, merchant));
        token.refundBatch(batch);
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.MalformedBatch.selector));
        token.refundBatch(abi.encodePacked(batch, uint8(0)));
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.MalformedBatch.selector));
        token.refundBatch(tooShort);
        vm.prank(PAUSER);
        token.pause();
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.TokenPaused.selector));
        token.refundBatch(batch);
    }

    function test_register_takesTheMerchantsSignatureOnce() public {
        bytes32 typehash = keccak256(
            "RegisterRefundKey(address merchant,address key,uint40 dailyLimit,uint256 nonce,uint256 deadline)"
        );
        bytes32 hash = keccak256(abi.encode(typehash, merchant, address(0xE2), uint40(7), 0, uint256(LATER)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(MERCHANT_KEY, digestOf(hash));
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        token.registerRefundKey(merchant, address(0xE2), 8, LATER, v, r, s);
        token.registerRefundKey(merchant, address(0xE2), 7, LATER, v, r, s);
        vm.assertEq(token.refundKeyOf(merchant).key, address(0xE2));
        vm.assertEq(token.refundKeyOf(merchant).dailyLimit, 7);
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        token.registerRefundKey(merchant, address(0xE2), 7, LATER, v, r, s);
        vm.expectRevert(abi.encodeWithSelector(IToken.SignatureExpired.selector, block.timestamp - 1));
        token.registerRefundKey(merchant, address(0xE2), 7, block.timestamp - 1, v, r, s);
    }

    function one(uint64 amount, uint64 refundedBefore) private view returns (bytes memory) {
        return refundGroup(merchant, 1, refundItem(paid, Refund(REFUND_KEY, amount, refundedBefore, LATER)));
    }
}
