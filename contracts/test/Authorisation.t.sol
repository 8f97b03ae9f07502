// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {vm} from "./support/Vm.sol";

contract AuthorisationTest is TokenTest {
    struct Signed {
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    bytes32 private constant TRANSFER = 0x7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267;
    bytes32 private constant RECEIVE = 0xd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8;
    bytes32 private constant CANCEL = 0x158b0a9edf7a828aad02f63cd515c68ef2f50ba807396f6d12842833a1597429;
    bytes32 private constant PERMIT = 0x6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c9;
    address private constant TO = address(0xE1);

    function setUp() public override {
        super.setUp();
        mint(payer, 10_000);
    }

    function testFuzz_transfer_acceptsAnyNonceOnce(bytes32 nonce) public {
        Signed memory a = sign(TRANSFER, 500, nonce);
        vm.assertFalse(token.authorizationState(payer, nonce));
        transferWith(a);
        vm.assertEq(token.balanceOf(TO), 500);
        vm.assertTrue(token.authorizationState(payer, nonce));
        vm.expectRevert(abi.encodeWithSelector(IToken.AuthorizationUsedOrCanceled.selector, payer, nonce));
        transferWith(a);
    }

    function test_transfer_countsNonceBitsApart() public {
        transferWith(sign(TRANSFER, 1, bytes32(uint256(0))));
        transferWith(sign(TRANSFER, 1, bytes32(uint256(255))));
        transferWith(sign(TRANSFER, 1, bytes32(uint256(256))));
        vm.assertFalse(token.authorizationState(payer, bytes32(uint256(1))));
        vm.assertEq(token.balanceOf(TO), 3);
    }

    function test_transfer_isValidStrictlyBetweenItsTimes() public {
        Signed memory a = sign(TRANSFER, 1, "a");
        vm.warp(a.validAfter);
        vm.expectRevert(abi.encodeWithSelector(IToken.AuthorizationNotYetValid.selector, a.validAfter));
        transferWith(a);
        vm.warp(a.validBefore);
        vm.expectRevert(abi.encodeWithSelector(IToken.AuthorizationExpired.selector, a.validBefore));
        transferWith(a);
        vm.warp(a.validBefore - 1);
        transferWith(a);
    }

    function test_transfer_refusesTwinsOtherTermsAndOtherChains() public {
        Signed memory a = sign(TRANSFER, 500, "a");
        a.s = bytes32(CURVE_ORDER - uint256(a.s));
        a.v = a.v == 27 ? 28 : 27;
        invalid(a);
        a = sign(TRANSFER, 500, "a");
        a.value = 501;
        invalid(a);
        a = sign(RECEIVE, 500, "a");
        invalid(a);
        a = sign(TRANSFER, 500, "a");
        a.v = 29;
        invalid(a);
        a = sign(TRANSFER, 500, "a");
        vm.chainId(8_217);
        invalid(a);
        vm.chainId(31_337);
        transferWith(a);
    }

    function test_transfer_fromTheZeroAddressIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        token.transferWithAuthorization(address(0), TO, 0, 0, LATER, "a", 27, 0, 0);
    }

    function test_receive_needsThePayeeAsCaller() public {
        Signed memory a = sign(RECEIVE, 500, "a");
        vm.expectRevert(abi.encodeWithSelector(IToken.CallerMustBePayee.selector, address(this)));
        receiveWith(a);
        vm.prank(TO);
        receiveWith(a);
        vm.assertEq(token.balanceOf(TO), 500);
        vm.prank(TO);
        vm.expectRevert(abi.encodeWithSelector(IToken.AuthorizationUsedOrCanceled.selector, payer, bytes32("a")));
        receiveWith(a);
        a = sign(RECEIVE, 500, "b");
        vm.warp(a.validBefore);
        vm.prank(TO);
        vm.expectRevert(abi.encodeWithSelector(IToken.AuthorizationExpired.selector, a.validBefore));
        receiveWith(a);
        a = sign(TRANSFER, 500, "b");
        vm.warp(a.validBefore - 1);
        vm.prank(TO);
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        receiveWith(a);
    }

    function test_cancel_usesTheNonceUp() public {
        Signed memory a = sign(TRANSFER, 500, "a");
        bytes32 hash = keccak256(abi.encode(CANCEL, payer, bytes32("a")));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, digestOf(hash));
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        token.cancelAuthorization(payer, "b", v, r, s);
        token.cancelAuthorization(payer, "a", v, r, s);
        vm.expectRevert(abi.encodeWithSelector(IToken.AuthorizationUsedOrCanceled.selector, payer, bytes32("a")));
        transferWith(a);
        vm.expectRevert(abi.encodeWithSelector(IToken.AuthorizationUsedOrCanceled.selector, payer, bytes32("a")));
        token.cancelAuthorization(payer, "a", v, r, s);
    }

    function test_authorisation_respectsPauseFreezeAndFunds() public {
        Signed memory a = sign(TRANSFER, 10_001, "a");
        vm.expectRevert(abi.encodeWithSelector(IToken.InsufficientBalance.selector, payer, 10_000, 10_001));
        transferWith(a);
        a = sign(TRANSFER, 1, "a");
        freeze(payer);
        vm.expectRevert(abi.encodeWithSelector(IToken.AccountFrozen.selector, payer));
        transferWith(a);
        vm.prank(PAUSER);
        token.pause();
        vm.expectRevert(abi.encodeWithSelector(IToken.TokenPaused.selector));
        transferWith(a);
    }

    function test_permit_setsTheAllowanceOnce() public {
        (uint8 v, bytes32 r, bytes32 s) = signPermit(700, 0, LATER);
        token.permit(payer, TO, 700, LATER, v, r, s);
        vm.assertEq(token.allowance(payer, TO), 700);
        vm.assertEq(token.nonces(payer), 1);
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        token.permit(payer, TO, 700, LATER, v, r, s);
        vm.prank(TO);
        token.transferFrom(payer, TO, 300);
        vm.assertEq(token.allowance(payer, TO), 400);
        vm.prank(TO);
        vm.expectRevert(abi.encodeWithSelector(IToken.InsufficientAllowance.selector, TO, 400, 401));
        token.transferFrom(payer, TO, 401);
    }

    function test_permit_refusesLateAndForeign() public {
        (uint8 v, bytes32 r, bytes32 s) = signPermit(700, 0, block.timestamp);
        token.permit(payer, TO, 700, block.timestamp, v, r, s);
        uint256 past = block.timestamp - 1;
        (v, r, s) = signPermit(700, 1, past);
        vm.expectRevert(abi.encodeWithSelector(IToken.SignatureExpired.selector, past));
        token.permit(payer, TO, 700, past, v, r, s);
        (v, r, s) = signPermit(700, 1, LATER);
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        token.permit(payer, TO, 701, LATER, v, r, s);
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        token.permit(merchant, TO, 700, LATER, v, r, s);
    }

    function test_endlessAllowanceDoesNotRunDown() public {
        vm.prank(payer);
        token.approve(TO, type(uint256).max);
        vm.prank(TO);
        token.transferFrom(payer, TO, 300);
        vm.assertEq(token.allowance(payer, TO), type(uint256).max);
    }

    function sign(bytes32 typehash, uint256 value, bytes32 nonce) private view returns (Signed memory a) {
        a.value = value;
        a.validAfter = 1_799_999_000;
        a.validBefore = 1_800_001_000;
        a.nonce = nonce;
        bytes32 hash = keccak256(abi.encode(typehash, payer, TO, value, a.validAfter, a.validBefore, nonce));
        (a.v, a.r, a.s) = vm.sign(PAYER_KEY, digestOf(hash));
    }

    function signPermit(uint256 value, uint256 nonce, uint256 deadline) private view returns (uint8, bytes32, bytes32) {
        return vm.sign(PAYER_KEY, digestOf(keccak256(abi.encode(PERMIT, payer, TO, value, nonce, deadline))));
    }

    function transferWith(Signed memory a) private {
        token.transferWithAuthorization(payer, TO, a.value, a.validAfter, a.validBefore, a.nonce, a.v, a.r, a.s);
    }

    function receiveWith(Signed memory a) private {
        token.receiveWithAuthorization(payer, TO, a.value, a.validAfter, a.validBefore, a.nonce, a.v, a.r, a.s);
    }

    function invalid(Signed memory a) private {
        vm.expectRevert(abi.encodeWithSelector(IToken.InvalidSignature.selector));
        transferWith(a);
    }
}
